"""Kafka's log files, read as bytes: the broker itself trusts them at start, or cuts them off without a word."""

import struct
from collections.abc import Iterator
from pathlib import Path

from crc32c import crc32c

from local.stack.errors import CorruptDataError

# Record batch, version 2: base offset, length of what follows, leader epoch, magic, checksum of all after it.
_HEADER = struct.Struct(">qiibI")
_LENGTH_COUNTS_FROM = 12


def check_segments(data: Path, *, budget_bytes: int) -> None:
    """Read every batch's checksum, newest segments first, until `budget_bytes` are read.

    A batch that the last segment of a partition holds only in part is what a crash leaves: nobody was told that it is
    there, and the broker cuts it off. Raises CorruptDataError for everything else.
    """
    for segment, is_last in _segments(data):
        budget_bytes -= segment.stat().st_size
        if budget_bytes < 0:
            return
        position = _first_damage(segment.read_bytes(), may_end_early=is_last)
        if position is not None:
            raise CorruptDataError(
                f"corrupt data in Kafka: {segment}, byte {position}; restore {data} from a backup,"
                " or remove it and produce again"
            )


def _segments(data: Path) -> Iterator[tuple[Path, bool]]:
    """Segments of every partition, newest first, and whether they are the last of theirs."""
    found = []
    for partition in data.iterdir() if data.exists() else ():
        # Their names are their first offsets, padded with zeros. Metadata's log is the controller's own business.
        segments = sorted(partition.glob("*.log")) if not partition.name.startswith("__cluster") else []
        found += [(segment, segment == segments[-1]) for segment in segments]
    return iter(sorted(found, key=lambda entry: entry[0].stat().st_mtime, reverse=True))


def _first_damage(content: bytes, *, may_end_early: bool) -> int | None:
    position = 0
    while position < len(content):
        rest = len(content) - position
        if rest < _HEADER.size:
            return None if may_end_early else position
        _, length, _, magic, checksum = _HEADER.unpack_from(content, position)
        end = position + _LENGTH_COUNTS_FROM + length
        if magic != 2 or length < _HEADER.size:
            return position
        if end > len(content):
            return None if may_end_early else position
        if crc32c(memoryview(content)[position + _HEADER.size : end]) != checksum:
            return position
        position = end
    return None
