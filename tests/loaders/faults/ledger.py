"""What was produced, what landed, and whether the two agree. Pure: `books.py` reads, this judges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple


class Place(NamedTuple):
    """Coordinates of a record."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Produced:
    """A record that Kafka has confirmed. One that a later record of its key `supersedes` may be compacted away."""

    value: bytes
    is_usable: bool
    is_superseded: bool = False


class Row(NamedTuple):
    """A row of the raw table; `landed` and `produced` are when, in ms."""

    place: Place
    value: bytes
    is_usable: bool
    landed: int
    produced: int = 0


def violations(
    produced: Mapping[Place, Produced], rows: Sequence[Row], sidelined: Sequence[Place], announced: Sequence[Place]
) -> Iterator[str]:
    """What was lost, landed twice, came out of order, was invented or stands wrongly in the sideline.

    `announced` are the places in the sideline topic, which may have one twice but none that does not belong there.
    """
    places = [row.place for row in rows]
    landed = set(places)
    if len(places) != len(landed):
        yield f"{len(places) - len(landed)} rows stand twice"
    lost = [place for place, record in produced.items() if place not in landed and not record.is_superseded]
    if lost:
        yield f"{len(lost)} records are lost, the first is {min(lost)}"
    for row in rows:
        record = produced.get(row.place)
        if record is None:
            yield f"{row.place} was never produced, or was aborted"
        elif record.value != row.value:
            yield f"{row.place} landed with other bytes"
        elif record.is_usable != row.is_usable:
            yield f"{row.place} is {'usable' if row.is_usable else 'unusable'} against what it is"
    for before, after in pairwise(sorted(rows)):
        if before.place[:2] == after.place[:2] and after.landed < before.landed:
            yield f"{after.place} landed before {before.place}"
    unusable = {row.place for row in rows if not row.is_usable}
    if set(sidelined) != unusable or len(sidelined) != len(unusable):
        yield f"the sideline has {len(sidelined)} records, {len(unusable)} landed unusable"
    if set(announced) != unusable:
        yield f"the sideline topic has {len(set(announced))} records, {len(unusable)} landed unusable"
