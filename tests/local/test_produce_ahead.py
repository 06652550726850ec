"""Reading in a process of its own gives what reading here gives, and leaves no process behind."""

import gzip
import os
import signal
import struct
from multiprocessing import Pipe
from pathlib import Path

import psutil
import pytest

from local.produce import ahead
from local.produce.ahead import read_ahead
from local.produce.errors import SourceError
from local.produce.reading import Reading
from local.produce.sources import find_sources
from tests.support.processes import command_of


@pytest.fixture(autouse=True)
def any_size_is_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_WORTH_A_PROCESS", 0)


def reading_of(path: Path, content: bytes) -> Reading:
    path.write_bytes(content)
    return Reading(find_sources([path]))


def lines(count: int) -> bytes:
    return b"".join(b'{"device_id": "d%d"}\n' % number if number % 7 else b"no JSON\n" for number in range(count))


def readers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(command_of(child))]


def test_the_chunks_are_those_of_reading_here(tmp_path: Path) -> None:
    reading = reading_of(tmp_path / "events.ndjson", lines(5_001))

    assert list(read_ahead(reading)) == list(reading.chunks())
    assert readers() == []


def test_an_error_of_the_reader_arrives_with_its_words(tmp_path: Path) -> None:
    packed = gzip.compress(lines(10_000))
    reading = reading_of(tmp_path / "events.ndjson.gz", packed[: len(packed) // 2])

    with pytest.raises(SourceError, match=r"events\.ndjson\.gz: corrupt after line \d+"):
        list(read_ahead(reading))


def test_a_reader_that_is_killed_is_not_taken_for_the_end(tmp_path: Path) -> None:
    chunks = read_ahead(reading_of(tmp_path / "events.ndjson", lines(200_000)))
    next(chunks)
    [reader] = readers()
    os.kill(reader.pid, signal.SIGKILL)

    with pytest.raises(SourceError, match="run again with --resume"):
        list(chunks)


def test_a_reader_that_is_killed_amid_a_chunk_is_told_as_well() -> None:
    here, there = Pipe(duplex=False)
    # A message of 100 bytes, of which 10 are written.
    os.write(there.fileno(), struct.pack("!i", 100) + b"x" * 10)
    there.close()

    with pytest.raises(SourceError, match="run again with --resume"):
        ahead._receive(here)


def test_who_stops_early_ends_the_reader(tmp_path: Path) -> None:
    chunks = read_ahead(reading_of(tmp_path / "events.ndjson", lines(200_000)))
    next(chunks)
    assert len(readers()) == 1

    chunks.close()

    assert readers() == []
