"""Why identifiers went to another person: the graph of who is who before and after, and what came between."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from tests.invariants.warehouse import Warehouse

COMPONENTS = "SELECT project_id, node, component_node FROM {staging}.int_identity_components"
JOINS = """
    SELECT project_id, (occurred_at, event_id), left_node, right_node FROM {staging}.int_identity_edges WHERE NOT is_cut
"""
UNMERGES = """
    SELECT project_id, (occurred_at, event_id), concat('u:', user_id), concat('u:', previous_id),
        topic, generation, partition, offset, lane, replay_seq
    FROM {staging}.stg_raw__identities WHERE type = 'unmerge' AND user_id != '' AND previous_id != ''
"""
NOBODY: tuple[datetime | None, str] = (None, "")
Message = tuple[datetime | None, str]
Node = tuple[str, str]


@dataclass(frozen=True)
class IdentityGraph:
    """Of each project and node that a join names its component; the joins that hold, and the unmerges, as rows."""

    components: Mapping[Node, str]
    joins: Set[tuple[str, Message, str, str]]
    unmerges: Set[tuple[str, Message, str, str, *tuple[object, ...]]]

    @classmethod
    def of(cls, warehouse: Warehouse) -> "IdentityGraph":
        return cls(
            {(project, node): component for project, node, component in warehouse.rows(COMPONENTS)},
            {tuple(row) for row in warehouse.rows(JOINS)},
            {tuple(row) for row in warehouse.rows(UNMERGES)},
        )

    def component_of(self, node: Node) -> str:
        """One that no join names is alone."""
        return self.components.get(node, node[1])


class Causes:
    """What joined and what parted those who were one before."""

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

    def of(self, kind: str, node: Node) -> str:
        """The event id of the message by which a node's person is another one, `merge` or `split`; '' if none came."""
        component = (node[0], self._before.component_of(node))
        joins, unmerges = self._joins[component], self._unmerges[component]
        first = joins or unmerges if kind == "merge" else unmerges or joins
        return min(first, default=NOBODY)[1]
