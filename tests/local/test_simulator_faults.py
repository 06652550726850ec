"""Simulator and loader agree on every single record: what is usable, and why the others are not."""

import struct
from collections import Counter
from pathlib import Path

import pytest

from loaders.check import with_clause
from loaders.streams import Stream
from local.produce.message import Message, read_json
from local.simulator.config import SimulatorConfig
from local.simulator.run import simulate

chdb = pytest.importorskip("chdb", reason="the engine comes with the development packages")


def as_row_binary(lines: list[bytes]) -> bytes:
    """(payload String, kafka_ms Int64), with the record times that `throughline produce` gives."""
    rows, time_ms = bytearray(), 0
    for line in lines:
        message = read_json(1, line)
        if isinstance(message, Message) and message.time_ms is not None:
            time_ms = message.time_ms
        length = len(line)
        while length >= 128:
            rows.append(length & 127 | 128)
            length >>= 7
        rows.append(length)
        rows += line + struct.pack("<q", time_ms)
    return bytes(rows)


def test_the_loaders_check_judges_every_record_as_the_simulator_meant_it(tmp_path: Path) -> None:
    simulation = simulate(SimulatorConfig(people=1_500, days=20, malformed_share=0.01), tmp_path)
    for stream in Stream:
        lines = (tmp_path / f"{stream}.ndjson").read_bytes().split(b"\n")[:-1]
        (tmp_path / "rows").write_bytes(as_row_binary(lines))
        judged = chdb.query(
            f"{with_clause(stream, max_bytes=1 << 20)} select error_classes[verdict] as error_class, count()"
            f" from file('{tmp_path}/rows', 'RowBinary', 'payload String, kafka_ms Int64') group by error_class"
            " settings short_circuit_function_evaluation = 'disable' format TSV"
        ).data()
        found = Counter({name: int(count) for name, count in (line.split("\t") for line in judged.splitlines())})
        counts = simulation.counts[stream]
        assert found.pop("") == counts.clean + counts.duplicates
        assert found == counts.unusable
