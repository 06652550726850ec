"""A world by seed: what happened, and in which order it lands."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.invariants.world.claims import claim_all, describe_all
from tests.invariants.world.humans import settle
from tests.invariants.world.outbox import Outbox
from tests.invariants.world.record import Record
from tests.invariants.world.visits import lay_traps, visit_all


@dataclass(frozen=True)
class World:
    """The records of all streams in the order of their landing."""

    seed: int
    records: Sequence[Record]

    def batches(self, count: int) -> list[Sequence[Record]]:
        """Cut anywhere, so in pieces of every size, the first of them not empty."""
        chance = random.Random(f"cuts of {self.seed}")
        cuts = [0, *sorted(chance.sample(range(1, len(self.records)), count - 1)), len(self.records)]
        return [self.records[start:end] for start, end in pairwise(cuts)]

    def in_another_order(self) -> "World":
        records = list(self.records)
        random.Random(f"another order of {self.seed}").shuffle(records)
        return World(self.seed, _mended_after_broken(records))


def make_world(seed: int) -> World:
    """Even seeds land as things arrive, 5 % of them late; odd ones in any order at all."""
    chance = random.Random(seed)
    outbox, humans = Outbox(chance), settle(chance)
    visit_all(chance, outbox, humans)
    lay_traps(chance, outbox, humans)
    claim_all(chance, outbox, humans)
    describe_all(chance, outbox, humans)
    world = World(seed, sorted(outbox.records, key=lambda record: record.arrives_ms))
    return world if seed % 2 == 0 else world.in_another_order()


def _mended_after_broken(records: list[Record]) -> list[Record]:
    """The same order, but what mends a record comes after it."""
    ordered: list[Record] = []
    landed: set[int] = set()
    waiting: dict[int, list[Record]] = {}
    for record in records:
        if record.mends is not None and id(record.mends) not in landed:
            waiting.setdefault(id(record.mends), []).append(record)
            continue
        ordered.append(record)
        landed.add(id(record))
        ordered += waiting.pop(id(record), [])
    return ordered
