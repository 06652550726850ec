"""Measures landing a backlog side by side, on a stack of its own: the loader, ClickHouse's Kafka engine, a bare insert.

    .venv/bin/python bench/loaders/run.py [events] [bytes of an event]

Prints events/s and CPU-seconds per million events of each side, and the ratio to the Kafka engine; then all as JSON.
CPU is that of the reader and of ClickHouse, merges included. The machine should do nothing else.
"""

import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from rich.console import Console
from rich.table import Table

from loaders.kafka_config import connection
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack

TOPIC, PARTITIONS = "bench", 4
SETTLE_SECONDS = 5.0


@dataclass(frozen=True)
class Result:
    """One side's figures, for all events of the run."""

    side: str
    per_second: float
    reader_cpu: float
    clickhouse_cpu: float

    @property
    def cpu(self) -> float:
        return self.reader_cpu + self.clickhouse_cpu


def event(number: int, size: int) -> bytes:
    envelope = {
        "event_id": f"{number:032x}", "event": "view_item", "timestamp": "2026-08-01T09:30:00.123Z",
        "project_id": "default", "device_id": f"d{number % 20_000}", "session_id": f"s{number % 90_000}",
        "properties": {"page": f"/item/{number % 300}", "value": 12.5, "nested": {"too": number}, "pad": ""},
    }  # fmt: skip
    envelope["properties"]["pad"] = "x" * max(0, size - len(json.dumps(envelope)))  # type: ignore[index]
    return json.dumps(envelope).encode()


def produce(settings: Settings, count: int, size: int) -> None:
    admin = KafkaAdminClient(**connection(settings))
    admin.create_topics({TOPIC: {"num_partitions": PARTITIONS, "replication_factor": 1}}, wait_for_metadata=True)
    admin.close()
    producer = KafkaProducer(
        **connection(settings), compression_type="lz4", batch_size=262_144, linger_ms=20, enable_idempotence=True
    )
    for number in range(count):
        producer.send(TOPIC, value=event(number, size), partition=number % PARTITIONS)
    producer.flush()
    producer.close()


def measured(side: str, count: int, server: psutil.Process, work: Callable[[], object]) -> Result:
    """Do the work and wait until the merges that it caused are done."""

    def reader() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    def clickhouse() -> float:
        used = server.cpu_times()
        return float(used.user + used.system)

    before, started = (reader(), clickhouse()), time.monotonic()
    work()
    seconds, reader_cpu = time.monotonic() - started, reader() - before[0]
    time.sleep(SETTLE_SECONDS)
    millions = count / 1_000_000
    return Result(side, count / seconds, reader_cpu / millions, (clickhouse() - before[1]) / millions)


def with_engine(settings: Settings, count: int, admin: ClickHouse) -> None:
    """ClickHouse's own consumer, tuned, into a table of payloads."""
    admin.execute("create database if not exists raw_engine")
    admin.execute(
        "create table raw_engine.landed (topic LowCardinality(String), partition UInt64, offset UInt64,"
        " payload String codec(ZSTD(1))) engine = MergeTree order by (topic, partition, offset)"
    )
    try:
        admin.execute(
            "create table raw_engine.queue (payload String) engine = Kafka settings"
            f" kafka_broker_list = '{settings.kafka_bootstrap}', kafka_topic_list = '{TOPIC}',"
            " kafka_group_name = 'engine', kafka_format = 'RawBLOB', kafka_max_block_size = 250000,"
            " kafka_poll_max_batch_size = 65536"
        )
    except Exception as error:
        # The embedded server says so though the table is there and works.
        if "Shutdown was called" not in str(error):
            raise
    admin.execute(
        "create materialized view raw_engine.pump to raw_engine.landed as"
        " select _topic as topic, _partition as partition, _offset as offset, payload from raw_engine.queue"
    )
    while admin.rows("select count() from raw_engine.landed")[0][0] < count:
        time.sleep(0.1)


def bare_insert(admin: ClickHouse, count: int, size: int) -> Callable[[], None]:
    """The same bytes into a table of payloads, in blocks of 100,000 that are ready before the clock starts."""
    admin.execute("create database if not exists raw_bare")
    admin.execute("create table raw_bare.landed (payload String codec(ZSTD(1))) engine = MergeTree order by tuple()")

    def varint(number: int) -> bytes:
        return bytes([number & 0x7F | 0x80]) + varint(number >> 7) if number > 0x7F else bytes([number])

    blocks = []
    for start in range(0, count, 100_000):
        values = [event(number, size) for number in range(start, min(start + 100_000, count))]
        blocks.append(b"".join(varint(len(value)) + value for value in values))

    def work() -> None:
        for number, block in enumerate(blocks):
            statement = "insert into raw_bare.landed (payload) format RowBinary"
            admin.insert_block(statement, block, query_id=f"bare-{number}")

    return work


def main() -> None:
    count, size = (int(argument) for argument in (*sys.argv[1:3], "1000000", "250")[:2])
    console, folder = Console(), Path(tempfile.mkdtemp(prefix="throughline-bench-"))
    stack = Stack(folder)
    try:
        settings = stack.up().model_copy(update={"throughline_topics_events": TOPIC})
        process = stack.service("clickhouse").process()
        assert process is not None
        console.print(f"producing {count:,} events of {size} bytes …")
        produce(settings, count, size)
        warehouse = ClickHouse(settings)
        bare = bare_insert(warehouse, count, size)
        results = [
            measured("loader (check, fence, ranges)", count, process, lambda: load_until_caught_up(settings)),
            measured("bare insert", count, process, bare),
            measured("Kafka engine, tuned", count, process, lambda: with_engine(settings, count, warehouse)),
        ]
        report(console, results, count, size)
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def report(console: Console, results: list[Result], count: int, size: int) -> None:
    engine = results[-1]
    title = f"{count:,} events of {size} B, lz4, {os.cpu_count()} CPUs, load before {os.getloadavg()[1]:.1f}"
    table = Table("side", "events/s", "reader CPU-s/M", "ClickHouse CPU-s/M", "sum", "ratio to engine", title=title)
    for result in results:
        table.add_row(
            result.side, f"{result.per_second:,.0f}", f"{result.reader_cpu:.1f}", f"{result.clickhouse_cpu:.1f}",
            f"{result.cpu:.1f}", f"{result.cpu / engine.cpu:.2f}",
        )  # fmt: skip
    console.print(table)
    console.print_json(json.dumps({"events": count, "bytes": size, "results": [asdict(result) for result in results]}))


if __name__ == "__main__":
    main()
