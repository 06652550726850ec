"""How long landing stood still after something broke, partition by partition. Pure: it reads times only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.loaders.faults.ledger import Row
from tests.loaders.faults.schedule import Deed

# Within so many seconds of its end landing goes on after these; what is promised are the first three.
LIMITS: Mapping[Deed, float] = {
    "kill a loader": 15.0,
    "kill a loader at a failpoint": 15.0,
    "kill ClickHouse in an insert": 5.0,
}
# A broker that comes back waits for the sessions of members that died before it went.
OTHER_LIMITS: Mapping[Deed, float] = {"restart the broker": 30.0}
OTHER_LIMIT = 15.0


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something that was broken from `start` to `end`, in ms of the wall clock."""

    deed: Deed
    start: float
    end: float

    @property
    def limit(self) -> float:
        return LIMITS.get(self.deed, OTHER_LIMITS.get(self.deed, OTHER_LIMIT))


@dataclass(frozen=True, slots=True)
class Recovery:
    """How many seconds after a disturbance's end the slowest partition landed again.

    `allowed` is the limit, and more where other things broke before it had landed again: then it is not `alone`.
    """

    deed: Deed
    seconds: float
    allowed: float
    is_alone: bool


def recoveries(disturbances: Sequence[Disturbance], rows: Iterable[Row]) -> Iterator[Recovery]:
    """One for each disturbance that has a limit of its own and something to land after it."""
    partitions: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        partitions[row.place.topic, row.place.partition].append((row.landed, row.produced))
    for disturbance in disturbances:
        if disturbance.deed not in LIMITS:
            continue
        others = [other for other in disturbances if other is not disturbance]
        slowest = max((_wait(disturbance, times) for times in partitions.values()), default=0.0)
        if slowest > 0:
            last = disturbance.end + 1000 * slowest
            allowed = (_deadline(disturbance, others) - disturbance.end) / 1000
            is_alone = not any(_overlaps(disturbance, other, last) for other in others)
            yield Recovery(disturbance.deed, round(slowest, 1), round(allowed, 1), is_alone)


def _wait(disturbance: Disturbance, times: Iterable[tuple[int, int]]) -> float:
    """Seconds from the end, or from when there was something to land, to the first landing after the start."""
    after = [(landed, produced) for landed, produced in times if landed > disturbance.start]
    if not after:
        return 0.0
    landed, produced = min(after)
    return max(0.0, landed - max(disturbance.end, produced)) / 1000


def _deadline(disturbance: Disturbance, others: Iterable[Disturbance]) -> float:
    """What breaks before landing had to go on puts it off."""
    deadline = disturbance.end + 1000 * disturbance.limit
    for other in sorted(others, key=lambda other: other.start):
        if other.start < deadline:
            deadline = max(deadline, other.end + 1000 * other.limit)
    return deadline


def _overlaps(disturbance: Disturbance, other: Disturbance, last: float) -> bool:
    return other.start < last and other.end + 1000 * other.limit > disturbance.start
