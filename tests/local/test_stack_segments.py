"""Damage in Kafka's log files, found before the broker would cut it off."""

import struct
from pathlib import Path

import pytest
from crc32c import crc32c

from local.stack.errors import CorruptDataError
from local.stack.kafka_segments import check_segments

BATCHES = 5
RECORDS_PER_BATCH = 10


def batch(base: int) -> bytes:
    """A record batch as the broker stores it; what its records say is of no matter here."""
    covered = struct.pack(">hi", 0, RECORDS_PER_BATCH - 1) + b"records" * 30
    body = struct.pack(">ibI", 0, 2, crc32c(covered)) + covered
    return struct.pack(">qi", base, len(body)) + body


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of one partition, stopped cleanly."""
    for name in ("__cluster_metadata-0", "events-0"):
        (tmp_path / name).mkdir()
        content = b"".join(batch(number * RECORDS_PER_BATCH) for number in range(BATCHES))
        (tmp_path / name / "00000000000000000000.log").write_bytes(content)
    (tmp_path / "meta.properties").write_text("version=1\n")
    (tmp_path / ".kafka_cleanshutdown").write_text("{}")
    (tmp_path / "recovery-point-offset-checkpoint").write_text(f"0\n1\nevents 0 {BATCHES * RECORDS_PER_BATCH}\n")
    return tmp_path


def segment(data: Path, partition: str = "events-0") -> Path:
    return data / partition / "00000000000000000000.log"


def crash(data: Path, *, flushed: int) -> None:
    """As if the broker had been killed: no mark of a clean stop, and an older note of what was on disk."""
    (data / ".kafka_cleanshutdown").unlink()
    (data / "recovery-point-offset-checkpoint").write_text(f"0\n1\nevents 0 {flushed}\n")


def check(data: Path) -> None:
    check_segments(data, budget_bytes=1_000_000)


def test_whole_segments_pass(data: Path) -> None:
    check(data)


def test_an_empty_folder_passes(tmp_path: Path) -> None:
    check(tmp_path / "none")


@pytest.mark.parametrize("partition", ["events-0", "__cluster_metadata-0"])
def test_a_changed_byte_is_damage(data: Path, partition: str) -> None:
    content = bytearray(segment(data, partition).read_bytes())
    content[-20] ^= 1
    segment(data, partition).write_bytes(content)
    with pytest.raises(CorruptDataError, match="checksum mismatch"):
        check(data)


def test_a_torn_last_batch_is_what_a_crash_leaves(data: Path) -> None:
    crash(data, flushed=0)
    segment(data).write_bytes(segment(data).read_bytes()[:-5])
    check(data)


def test_a_torn_batch_after_a_clean_stop_is_damage(data: Path) -> None:
    segment(data).write_bytes(segment(data).read_bytes()[:-5])
    with pytest.raises(CorruptDataError, match="ends within a batch"):
        check(data)


def test_records_that_were_on_disk_and_are_gone_are_damage_also_after_a_crash(data: Path) -> None:
    crash(data, flushed=40)
    segment(data).write_bytes(batch(0))
    with pytest.raises(CorruptDataError, match="the last 30 records are gone"):
        check(data)


def test_a_lost_list_of_topics_is_damage(data: Path) -> None:
    segment(data, "__cluster_metadata-0").write_bytes(b"")
    with pytest.raises(CorruptDataError, match="the list of topics is gone"):
        check(data)


def test_a_topic_being_deleted_is_not_looked_at(data: Path) -> None:
    (data / "old-0.1234-delete").mkdir()
    (data / "old-0.1234-delete" / "00000000000000000000.log").write_bytes(b"garbage")
    check(data)
