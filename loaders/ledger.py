"""The books of a partition, and the rules by which they are right. Pure: `audit.py` reads, this judges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from loaders.positions import Log
from loaders.records import Partition

COVERING = ("landed", "repaired")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of `raw.load_ranges`."""

    first: int
    last: int
    kind: str
    usable: int
    sidelined: int
    gaps: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in the raw table of a partition, lane live. `count` tells copies that `distinct` does not."""

    count: int = 0
    distinct: int = 0
    highest: int = -1
    usable: int = 0
    sidelined: int = 0


@dataclass(frozen=True, slots=True)
class Books:
    """All that is known of one generation of a partition. `log` is None for generations that are over.

    `rows` are those that the ranges are to cover; `unranged` counts those past the last range, as a batch has that
    landed a moment ago. `waiting` counts the records that Kafka hands out past the last landed one.
    """

    partition: Partition
    generation: int
    rows: Rows
    entries: tuple[Entry, ...]
    log: Log | None
    waiting: int = 0
    unranged: int = 0

    @property
    def settled(self) -> "Books":
        """The books without what is on its way, which a loader's next step, or its next start, lands or covers."""
        end = self.covered[-1].last if self.covered else -1
        rows = replace(self.rows, highest=min(self.rows.highest, end))
        return replace(self, rows=rows, waiting=0, unranged=0)

    @property
    def covered(self) -> tuple[Entry, ...]:
        """The ranges of the batches, each once.

        A loader that slept between its rows and their range writes it after its heir has repaired it: one batch.
        """
        ends = {entry.last for entry in self.entries if entry.kind == "landed"}
        return tuple(
            entry
            for entry in self.entries
            if entry.kind == "landed" or (entry.kind in COVERING and entry.last not in ends)
        )

    @property
    def consumed(self) -> int:
        return sum(entry.usable + entry.sidelined for entry in self.covered)


def findings(books: Books) -> Iterator[str]:
    """What is wrong, in words. Nothing: consumed = landed = usable + sidelined, nothing twice, nothing missing."""
    name, rows, covered = f"{books.partition} (generation {books.generation})", books.rows, books.covered
    if rows.count != rows.distinct:
        yield f"{name}: {rows.count - rows.distinct} rows stand twice"
    if rows.distinct != books.consumed:
        yield f"{name}: {books.consumed} records were consumed but {rows.distinct} offsets are landed"
    elif (rows.usable, rows.sidelined) != _sums(covered) and rows.count == rows.distinct:
        yield f"{name}: usable, sidelined: {_sums(covered)} by ranges, {(rows.usable, rows.sidelined)} by rows"
    for entry in covered:
        if entry.last - entry.first + 1 != entry.usable + entry.sidelined + entry.gaps:
            yield f"{name}: the range {entry.first}..{entry.last} does not add up"
    for before, after in pairwise(covered):
        if after.first != before.last + 1:
            yield f"{name}: range {before.first}..{before.last} is followed by {after.first}..{after.last}"
    if books.unranged:
        yield f"{name}: {books.unranged} rows stand past the last range, up to offset {rows.highest}"
    elif covered and rows.count and covered[-1].last != rows.highest:
        yield f"{name}: the ranges end at {covered[-1].last}, the rows at {rows.highest}"
    for entry in books.entries:
        if entry.kind not in COVERING and books.log is not None:
            yield f"{name}: {entry.kind}, offsets {entry.first}..{entry.last}"
    if books.log is not None and books.waiting:
        yield f"{name}: {books.waiting} records wait in Kafka past offset {rows.highest} (it ends at {books.log.end})"


def _sums(entries: Sequence[Entry]) -> tuple[int, int]:
    return sum(entry.usable for entry in entries), sum(entry.sidelined for entry in entries)
