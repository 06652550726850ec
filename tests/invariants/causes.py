"""Why identifiers went to another person: the graph of who is who, and what is said of devices, before and after."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tests.invariants.moves import Move
from tests.invariants.warehouse import COORDINATES, Warehouse

COMPONENTS = "SELECT project_id, node, component_node FROM {staging}.int_identity_components"
JOINS = """
    SELECT project_id, (occurred_at, event_id), left_node, right_node FROM {staging}.int_identity_edges WHERE NOT is_cut
"""
UNMERGES = f"""
    SELECT project_id, (occurred_at, event_id), concat('u:', user_id), concat('u:', previous_id), {COORDINATES}
    FROM {{staging}}.stg_raw__identities WHERE type = 'unmerge' AND user_id != '' AND previous_id != ''
"""
# Logins, resets, and unmerges that take logins back.
CLAIMS = f"""
    SELECT device_key, type, concat('u:', user_id), occurred_at, event_id, {COORDINATES}
    FROM {{staging}}.stg_raw__identities
    WHERE device_id != '' AND type != 'merge' AND (user_id != '' OR type = 'reset')
    UNION ALL
    SELECT owner_key, 'identify', concat('u:', user_id), occurred_at, event_id, {COORDINATES}
    FROM {{marts}}.int_events_sessionized WHERE device_id != '' AND user_id != ''
"""
NOBODY: tuple[datetime | None, str] = (None, "")
Message = tuple[datetime | None, str]
Node = tuple[str, str]


class Claim(NamedTuple):
    """What a message or an event says of a device. `node`: of its user."""

    device_key: int
    kind: str
    node: str
    occurred_at: datetime
    event_id: str

    def tells(self, move: Move) -> bool:
        """Whether it says what the device was taken over by, or of whom."""
        if self.kind == "reset":
            return not move.node_after.startswith("u:")
        return self.node == (move.node_before if self.kind == "unmerge" else move.node_after)


@dataclass(frozen=True)
class IdentityGraph:
    """Of each project and node that a join names its component; the joins that hold, and the unmerges, as rows.

    `claims` are by the coordinates of their records.
    """

    components: Mapping[Node, str]
    joins: Set[tuple[str, Message, str, str]]
    unmerges: Set[tuple[str, Message, str, str, *tuple[object, ...]]]
    claims: Mapping[tuple[object, ...], Claim]

    @classmethod
    def of(cls, warehouse: Warehouse) -> "IdentityGraph":
        return cls(
            {(project, node): component for project, node, component in warehouse.rows(COMPONENTS)},
            {tuple(row) for row in warehouse.rows(JOINS)},
            {tuple(row) for row in warehouse.rows(UNMERGES)},
            {tuple(row[5:]): Claim(*row[:5]) for row in warehouse.rows(CLAIMS)},
        )

    def component_of(self, node: Node) -> str:
        """One that no join names is alone."""
        return self.components.get(node, node[1])


class Causes:
    """What joined and what parted those who were one before, and what was said of devices."""

    def __init__(self, before: IdentityGraph, after: IdentityGraph) -> None:
        self._before = before
        self._joins, self._unmerges = defaultdict[Node, list[Message]](list), defaultdict[Node, list[Message]](list)
        for project, message, one, other in after.joins - before.joins:
            ends = {before.component_of((project, node)) for node in (one, other)}
            for component in ends if len(ends) > 1 else ():
                self._joins[project, component].append(message)
        for project, message, one, other, *_ in after.unmerges - before.unmerges:
            was, other_was = (before.component_of((project, node)) for node in (one, other))
            now, other_now = (after.component_of((project, node)) for node in (one, other))
            if was == other_was and now != other_now:
                self._unmerges[project, was].append(message)
        self._claims = defaultdict[int, list[Claim]](list)
        for coordinates in after.claims.keys() - before.claims.keys():
            claim = after.claims[coordinates]
            self._claims[claim.device_key].append(claim)

    def of(self, kind: str, node: Node) -> str:
        """The event id of the message by which a node's person is another one, `merge` or `split`; '' if none came."""
        component = (node[0], self._before.component_of(node))
        joins, unmerges = self._joins[component], self._unmerges[component]
        first = joins or unmerges if kind == "merge" else unmerges or joins
        return min(first, default=NOBODY)[1]

    def of_takeover(self, move: Move) -> str:
        """The same of a device that another has: who logged in last has it, and until somebody did the first one."""
        claims = self._claims[move.key]
        claims = [claim for claim in claims if claim.tells(move)] or claims
        earlier = [claim for claim in claims if claim.occurred_at <= move.moved_from]
        if earlier:
            last = max(claim.occurred_at for claim in earlier)
            return min(claim.event_id for claim in earlier if claim.occurred_at == last)
        return min(((claim.occurred_at, claim.event_id) for claim in claims), default=NOBODY)[1]
