"""Records as columns: a Python object per record would cost more than all the rest of the way."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Header = tuple[str, bytes | None]


class Partition(NamedTuple):
    """A partition of a Kafka topic."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.number}"


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one partition as Kafka handed them out, by rising offset. `next_offset` is where reading goes on.

    It may lie past the last offset plus one: Kafka keeps control records and aborted records to itself.
    """

    offsets: Sequence[int]
    timestamps: Sequence[int]
    keys: Sequence[bytes | None]
    values: Sequence[bytes]
    headers: Sequence[Sequence[Header]]
    size: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Range:
    """The offsets first..last of a partition, of which `rows` were records and the others gaps that Kafka made."""

    partition: Partition
    generation: int
    first: int
    last: int
    rows: int

    @property
    def gaps(self) -> int:
        return self.last - self.first + 1 - self.rows


class Found(NamedTuple):
    """A record of a run. `place` is its number in the run, from 0."""

    place: int
    value: bytes
    headers: Sequence[Header]


@dataclass(slots=True)
class Run:
    """What a batch holds of one partition."""

    partition: Partition
    generation: int
    first: int
    parts: list[Records] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(len(part.offsets) for part in self.parts)

    def range(self) -> Range:
        # Reading may already stand past control records at the end; the last record is what the rows can prove.
        return Range(self.partition, self.generation, self.first, self.parts[-1].offsets[-1], self.rows)

    def find(self, offsets: Iterable[int]) -> list[Found]:
        """The run's records with these offsets, which rise and are all there."""
        found, parts, before = [], iter(self.parts), 0
        part = next(parts)
        for offset in offsets:
            while part.offsets[-1] < offset:
                before += len(part.offsets)
                part = next(parts)
            place = bisect_left(part.offsets, offset)
            found.append(Found(before + place, part.values[place], part.headers[place]))
        return found
