"""The shipped log is what its README says, and its authors' sessions are those of our rule."""

import hashlib
from collections import defaultdict

import orjson
import pytest

from loaders.settings import PROJECT_DIR
from local.produce.csv_rows import read_csv
from local.produce.mapping import CsvMapping
from local.produce.message import Message
from local.produce.sources import LineReader

SHOP = PROJECT_DIR / "local" / "data" / "shop"
LOG = SHOP / "ecom.csv.gz"
GAP_MS = 30 * 60_000


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    entries = read_csv(LineReader(LOG), CsvMapping.read(SHOP / "mapping.yml"), LOG)
    return [entry for _, entry in entries if isinstance(entry, Message)]


def test_the_file_is_unchanged() -> None:
    assert hashlib.sha256(LOG.read_bytes()).hexdigest() in (SHOP / "README.md").read_text()


def test_every_row_is_a_message(messages: list[Message]) -> None:
    assert len(messages) == 31_106


def test_a_gap_of_thirty_minutes_per_device_finds_the_authors_sessions(messages: list[Message]) -> None:
    by_device: dict[bytes, list[tuple[int, str]]] = defaultdict(list)
    for message in messages:
        assert message.key
        assert message.time_ms
        by_device[message.key].append((message.time_ms, orjson.loads(message.value)["session_id"]))
    found: list[set[str]] = []
    for rows in by_device.values():
        last_ms = -GAP_MS - 1
        for time_ms, session in sorted(rows):
            if time_ms - last_ms > GAP_MS:
                found.append(set())
            found[-1].add(session)
            last_ms = time_ms
    assert len(found) == 3_605
    assert all(len(sessions) == 1 for sessions in found)
