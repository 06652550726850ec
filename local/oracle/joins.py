"""The graph of persons: edges are joins only, so a shared device never fuses its users."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from local.oracle.messages import MessageLike
from local.oracle.owners import BEGINNING, Device, Node, Segments


class Join(NamedTuple):
    """An edge of the graph. `reason` tells why it does not hold: `cut`, `cap`, or '' where it does."""

    left: Node
    right: Node
    at_ms: int
    reason: str = ""


def draw_joins(messages: Iterable[MessageLike], devices: Mapping[Device, Segments]) -> list[Join]:
    """The edges that the messages name, before any cut."""
    joins = []
    for message in messages:
        ends = _ends(message, devices)
        joins += [Join(ends[0], other, message.occurred_at_ms) for other in ends[1:] if other != ends[0]]
    return joins


def _ends(message: MessageLike, devices: Mapping[Device, Segments]) -> list[Node]:
    """The nodes that a message joins, none where it joins nothing. A device stands for its owner at that time."""
    project, at_ms = message.project_id, message.occurred_at_ms
    users = [Node(project, False, user) for user in (message.user_id, message.previous_id) if user]
    named = (message.device_id, message.previous_device_id)
    owners = [devices[project, device].owner(at_ms) for device in named if device]
    if message.type == "merge":
        return [*users, *owners]
    if message.type == "alias" and message.previous_id:
        # The second device is one of merges only.
        return users if message.user_id else [*owners[: bool(message.device_id)], *users]
    return []


def without_cuts(joins: Iterable[Join], messages: Iterable[MessageLike]) -> list[Join]:
    """Set aside what an unmerge of two users removes: the joins of that pair at or before it."""
    last_cut: dict[Hashable, int] = {}
    for message in messages:
        if message.type == "unmerge" and message.user_id and message.previous_id:
            pair = frozenset(Node(message.project_id, False, user) for user in (message.user_id, message.previous_id))
            last_cut[pair] = max(message.occurred_at_ms, last_cut.get(pair, BEGINNING))
    return [
        join._replace(reason="cut")
        if join.at_ms <= last_cut.get(frozenset((join.left, join.right)), BEGINNING - 1)
        else join
        for join in joins
    ]


def components_of(joins: Sequence[Join], *, max_identifiers: int) -> tuple[dict[Node, Node], list[Join]]:
    """The smallest member of each component by node, and the joins; those of a component past the cap are set aside."""
    neighbours: dict[Node, set[Node]] = defaultdict(set)
    for join in joins:
        if not join.reason:
            neighbours[join.left].add(join.right)
            neighbours[join.right].add(join.left)
    canonical: dict[Node, Node] = {}
    capped: set[Node] = set()
    for node in neighbours:
        if node not in canonical and node not in capped:
            members = _reachable(node, neighbours)
            if len(members) > max_identifiers:
                capped |= members
            else:
                # Text compares as its UTF-8 bytes do.
                smallest = min(members, key=lambda member: (member.is_anonymous, member.name))
                canonical.update(dict.fromkeys(members, smallest))
    judged = {join._replace(reason="cap") if not join.reason and join.left in capped else join for join in joins}
    return canonical, sorted(judged)


def _reachable(start: Node, neighbours: Mapping[Node, set[Node]]) -> set[Node]:
    found, ahead = {start}, [start]
    while ahead:
        new = neighbours[ahead.pop()] - found
        found |= new
        ahead += new
    return found
