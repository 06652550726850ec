"""Kafka's log files, read as bytes: the broker itself trusts them at start, or cuts them off without a word."""

import struct
from dataclasses import dataclass
from pathlib import Path

from crc32c import crc32c

from local.stack.errors import CorruptDataError

# Record batch, version 2: base offset, length of what follows, leader epoch, magic, checksum of all after it,
# attributes, offset of the last record from the base.
_HEADER = struct.Struct(">qiibIhi")
_LENGTH_COUNTS_FROM = 12
_CHECKSUM_COUNTS_FROM = 21
_METADATA = "__cluster_metadata-0"


@dataclass(frozen=True)
class _Damage:
    position: int
    reason: str


def check_segments(data: Path, *, budget_bytes: int) -> None:
    """Read every batch's checksum, newest partitions first, until `budget_bytes` are read.

    What a crash leaves is no damage: a last batch of which only a part was written was never acknowledged, and the
    broker cuts it off. Raises CorruptDataError for everything else: changed bytes, and records that were there when
    the broker last noted how far it had written.
    """
    if not (data / "meta.properties").exists():
        return
    stopped_cleanly = (data / ".kafka_cleanshutdown").exists()
    written = _written_offsets(data / "recovery-point-offset-checkpoint")
    partitions = [folder for folder in data.iterdir() if folder.is_dir() and not folder.name.endswith("-delete")]
    if any(folder.name != _METADATA for folder in partitions) and not _knows_topics(data / _METADATA):
        raise _corrupt(data, data / _METADATA, _Damage(0, "the list of topics is gone"))
    for folder in sorted(partitions, key=lambda folder: folder.stat().st_mtime, reverse=True):
        # Their names are their first offsets, padded with zeros.
        segments = sorted(folder.glob("*.log"))
        budget_bytes -= sum(segment.stat().st_size for segment in segments)
        if budget_bytes < 0:
            return
        end = 0
        for segment in segments:
            may_end_early = segment == segments[-1] and not stopped_cleanly
            end, damage = _read(segment, may_end_early=may_end_early)
            if damage:
                raise _corrupt(data, segment, damage)
        missing = written.get(folder.name, 0) - end
        if missing > 0:
            raise _corrupt(data, folder, _Damage(end, f"the last {missing} records are gone"))


def _read(segment: Path, *, may_end_early: bool) -> tuple[int, _Damage | None]:
    """The offset after the segment's last record, and the first damage in it."""
    content = memoryview(segment.read_bytes())
    position, end = 0, int(segment.stem)
    while position < len(content):
        unfinished = None if may_end_early else _Damage(position, "the file ends within a batch")
        if len(content) - position < _HEADER.size:
            return end, unfinished
        base, length, _, magic, checksum, _, last = _HEADER.unpack_from(content, position)
        following = position + _LENGTH_COUNTS_FROM + length
        if magic != 2 or length < _HEADER.size:
            return end, _Damage(position, "no batch begins there")
        if following > len(content):
            return end, unfinished
        if crc32c(content[position + _CHECKSUM_COUNTS_FROM : following]) != checksum:
            return end, _Damage(position, "checksum mismatch")
        position, end = following, base + last + 1
    return end, None


def _written_offsets(checkpoint: Path) -> dict[str, int]:
    """Up to where each partition's log was surely on disk. Two lines of heading, then topic, partition, offset."""
    if not checkpoint.exists():
        return {}
    entries = (line.split() for line in checkpoint.read_text().splitlines()[2:])
    return {f"{entry[0]}-{entry[1]}": int(entry[2]) for entry in entries if len(entry) == 3}


def _knows_topics(metadata: Path) -> bool:
    return any(file.stat().st_size for file in (*metadata.glob("*.log"), *metadata.glob("*.checkpoint")))


def _corrupt(data: Path, where: Path, damage: _Damage) -> CorruptDataError:
    return CorruptDataError(
        f"corrupt data in Kafka: {where}, at {damage.position}: {damage.reason};"
        f" restore {data} from a backup, or remove it and produce again"
    )
