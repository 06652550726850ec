"""Which identifiers went to another person between two looks at `person_ids`."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import NamedTuple

from tests.invariants.warehouse import Warehouse

PERSONS = """
    SELECT identifier_key, valid_from, valid_to, person_id, node, canonical_node, project_id, identifier
    FROM {marts}.person_ids
"""


class Stretch(NamedTuple):
    """From when until when which person and node had an identifier, and which node names the person."""

    valid_from: datetime
    valid_to: datetime
    person: str
    node: str
    namesake: str
    project: str
    identifier: str


# By identifier key.
Stretches = dict[int, list[Stretch]]


@dataclass(frozen=True)
class Move:
    """`namesake_now`: the person of the node that named the one before; none where it names nothing any more."""

    project: str
    identifier: str
    key: int
    moved_from: datetime
    moved_to: datetime
    person_before: str
    person_after: str
    node_before: str
    node_after: str
    namesake_now: str | None

    @property
    def is_takeover(self) -> bool:
        return self.node_before != self.node_after

    def spans(self, at: datetime) -> bool:
        return self.moved_from <= at < self.moved_to


def stretches_of(warehouse: Warehouse) -> Stretches:
    stretches: Stretches = defaultdict(list)
    for key, *stretch in warehouse.rows(PERSONS):
        stretches[key].append(Stretch(*stretch))
    return stretches


def moves(before: Stretches, after: Stretches) -> Iterator[Move]:
    persons_now = {
        (stretch.project, stretch.node): stretch.person for stretches in after.values() for stretch in stretches
    }
    for key, stretches in before.items():
        for then, now in product(stretches, after.get(key, [])):
            moved_from, moved_to = max(then.valid_from, now.valid_from), min(then.valid_to, now.valid_to)
            if then.person != now.person and moved_from < moved_to:
                yield Move(
                    then.project, then.identifier, key, moved_from, moved_to, then.person, now.person, then.node,
                    now.node, persons_now.get((then.project, then.namesake)),
                )  # fmt: skip
