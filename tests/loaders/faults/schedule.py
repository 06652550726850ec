"""What goes wrong in a run, and when: drawn from a seed, so that a run that failed can be had again."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from loaders.failpoints import NAMES

Deed = Literal[
    "kill a loader",
    "kill a loader at a failpoint",
    "stop a loader for a moment",
    "stop a loader past its session",
    "end a loader and start it again",
    "kill ClickHouse in an insert",
    "restart the broker",
    "reset before the request",
    "reset amid the request",
    "reset before the answer",
    "stall the request",
    "stall the answer",
    "half-open",
]

ON_THE_WIRE: tuple[Deed, ...] = (
    "reset before the request",
    "reset amid the request",
    "reset before the answer",
    "stall the request",
    "stall the answer",
    "half-open",
)
ON_LOADERS: tuple[Deed, ...] = ("kill a loader", "kill a loader at a failpoint", "stop a loader for a moment")
HEAVY: tuple[Deed, ...] = ("stop a loader past its session", "kill ClickHouse in an insert", "restart the broker")
REBALANCE: Deed = "end a loader and start it again"

# A stop of this length outlives the session of 10 s: the partitions have moved on when the loader wakes up.
PAST_SESSION_SECONDS = 13.0
REBALANCE_SECONDS = 5.0
# Replays have a test of their own; every other step is come by in a load.
FAILPOINTS = tuple(name for name in NAMES if name != "after_replay")


@dataclass(frozen=True, slots=True)
class Fault:
    """One deed, `at` seconds after the start. `victim` counts loaders; `detail` is a failpoint, `seconds` how long."""

    at: float
    deed: Deed
    victim: int = 0
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A run: how many loaders share the topics, what is produced for how long, and what goes wrong meanwhile.

    Loaders that are named have static membership: started again, they have their partitions back at once.
    """

    seed: int
    members: int
    is_named: bool
    partitions: int
    seconds: float
    has_transactions: bool
    has_compaction: bool
    poison_share: float
    faults: tuple[Fault, ...]

    @property
    def deeds(self) -> tuple[Deed, ...]:
        return tuple(fault.deed for fault in self.faults)


def schedule(seed: int) -> Schedule:
    """The run of a seed. Every seed has faults at loaders and on the wire, most have a heavy one too."""
    random = Random(seed)
    heavy = random.choice(HEAVY) if random.random() < 0.6 else None
    is_long = heavy == "stop a loader past its session"
    members = random.choice((2, 3) if is_long else (1, 2, 3))
    deeds: list[Deed] = [random.choice(ON_LOADERS), random.choice(ON_THE_WIRE), random.choice(ON_LOADERS + ON_THE_WIRE)]
    seconds = 18.0 if is_long else 14.0 if members == 3 else 10.0
    deeds += [heavy] if heavy else []
    faults = [_fault(random, deed, members=members, until=seconds - 1) for deed in deeds]
    if members == 3:
        moments = (3.0 + REBALANCE_SECONDS * number for number in range(int(seconds // REBALANCE_SECONDS) + 1))
        faults += [Fault(at, REBALANCE, random.randrange(members)) for at in moments if at < seconds]
    needs_poison = any("sideline" in fault.detail for fault in faults)
    return Schedule(
        seed=seed,
        members=members,
        # One that is named keeps its partitions while it is away: nothing would move.
        is_named=members < 3 and random.random() < 0.5,
        # Each loader has something to do, and its failpoint is come by.
        partitions=random.choice((members, 4)),
        seconds=seconds,
        # A commit whose answer a dying broker kept has no known outcome: then no checker could tell loss from none.
        has_transactions=heavy != "restart the broker" and random.random() < 0.5,
        has_compaction=random.random() < 0.3,
        poison_share=random.choice((0.05, 0.2) if needs_poison else (0.0, 0.001, 0.02, 0.2)),
        faults=tuple(sorted(faults, key=lambda fault: fault.at)),
    )


def _fault(random: Random, deed: Deed, *, members: int, until: float) -> Fault:
    # A loader needs some seconds to start. What hits it at work comes after that, one by one: the heavy ones first.
    first, last = (4.5, until)
    if "failpoint" in deed:
        first, last = (0.0, 0.0)
    elif deed in HEAVY:
        first, last = (2.5, 4.0)
    return Fault(
        at=random.uniform(first, last),
        deed=deed,
        victim=random.randrange(members),
        detail=f"{random.choice(FAILPOINTS)}:{random.randint(1, 3)}" if "failpoint" in deed else "",
        seconds=PAST_SESSION_SECONDS if deed == "stop a loader past its session" else random.uniform(1.0, 4.0),
    )
