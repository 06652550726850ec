"""Whose a device is at a time: resets cut its time into epochs, logins claim them."""

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

BEGINNING = -(2**63)
END = 2**63 - 1

# Project and device id.
Device = tuple[str, str]


class Node(NamedTuple):
    """A point of the graph of persons: a user, or a device in one epoch as long as no user owns it."""

    project_id: str
    is_anonymous: bool
    # The user id or the device id.
    identifier: str
    # The reset that began the epoch; BEGINNING for the first one and for users.
    since_ms: int = BEGINNING

    @property
    def name(self) -> str:
        if not self.is_anonymous:
            return f"u:{self.identifier}"
        return f"d:{self.identifier}@{'' if self.since_ms == BEGINNING else self.since_ms}"


class Login(NamedTuple):
    """A device is used by a user. The order of the fields is the order of logins."""

    at_ms: int
    user_id: str


@dataclass(frozen=True, slots=True)
class Segments:
    """The owners of one device: `nodes[i]` from `starts[i]` (inclusive) to `starts[i + 1]`."""

    starts: list[int]
    nodes: list[Node]

    def owner(self, at_ms: int) -> Node:
        return self.nodes[bisect_right(self.starts, at_ms) - 1]

    def intervals(self) -> list[tuple[int, int, Node]]:
        """(from, to, owner), half-open and without gaps."""
        return list(zip(self.starts, [*self.starts[1:], END], self.nodes, strict=True))


def segments_of(
    project_id: str, device_id: str, *, logins: Collection[Login], resets: Iterable[int], max_users: int
) -> Segments:
    """Cut the device's time at its resets, hand each epoch to its logins. Neighbours of one owner are one segment."""
    epochs = [BEGINNING, *sorted(set(resets))]
    by_epoch: dict[int, list[Login]] = {since: [] for since in epochs}
    for login in sorted(set(logins)):
        by_epoch[epochs[bisect_right(epochs, login.at_ms) - 1]].append(login)
    begins: dict[int, Node] = {}
    for since, within in by_epoch.items():
        begins.update(_owners_of_epoch(Node(project_id, True, device_id, since), within, max_users=max_users))
    changes = [
        (start, node)
        for (start, node), before in zip(begins.items(), [None, *begins.values()], strict=False)
        if node != before
    ]
    return Segments([start for start, _ in changes], [node for _, node in changes])


def _owners_of_epoch(anonymous: Node, logins: list[Login], *, max_users: int) -> list[tuple[int, Node]]:
    """Who owns the epoch from when, in order; of one instant the last counts.

    The first login also claims what was before it. A kiosk has no owner.
    """
    if not logins or len({login.user_id for login in logins}) > max_users:
        return [(anonymous.since_ms, anonymous)]
    claims = [Login(anonymous.since_ms, logins[0].user_id), *logins]
    return [(claim.at_ms, Node(anonymous.project_id, False, claim.user_id)) for claim in claims]
