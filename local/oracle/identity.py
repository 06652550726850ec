"""Who is who, by brute force over all messages at once.

The reading of messages where the rules leave a choice:

- A message may name several ids. `merge` joins the first of (user_id, previous_id, device_id, previous_device_id) to
  each other one that is there. `alias` logs its user in on its device, and joins its user (else its device) to
  `previous_id`. `unmerge` cuts (user_id, previous_id) and cancels the logins of (device_id, user_id), where
  both are there.
- A cut removes joins between the two users also where an end was given as a device of that user.
- At the instant of a reset the new epoch has begun.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from local.oracle.joins import Join, components_of, draw_joins, without_cuts
from local.oracle.messages import EventLike, MessageLike
from local.oracle.owners import BEGINNING, END, Device, Login, Node, Segments, segments_of


class Interval(NamedTuple):
    """Whose an identifier is from `valid_from_ms` (inclusive) to `valid_to_ms`."""

    project_id: str
    identifier_kind: str  # user | device
    identifier: str
    valid_from_ms: int
    valid_to_ms: int
    person: Node


@dataclass(frozen=True)
class Persons:
    """The answer. A person is named by its canonical member; compare by members, for SQL names persons by a hash."""

    devices: Mapping[Device, Segments]
    users: frozenset[tuple[str, str]]
    # Joined nodes only: who is missing here is a person alone.
    canonical: Mapping[Node, Node]
    joins: Sequence[Join]

    def person(self, node: Node) -> Node:
        return self.canonical.get(node, node)

    def owner(self, project_id: str, device_id: str, at_ms: int) -> Node:
        """The node that a device stands for at a time."""
        segments = self.devices.get((project_id, device_id))
        return segments.owner(at_ms) if segments else Node(project_id, True, device_id)

    def person_of(self, event: EventLike) -> Node | None:
        """The person of an event; None is nobody."""
        if event.user_id:
            return self.person(Node(event.project_id, False, event.user_id))
        if event.device_id:
            return self.person(self.owner(event.project_id, event.device_id, event.occurred_at_ms))
        return None

    def components(self) -> dict[Node, set[Node]]:
        """Members by canonical member, of persons that joins made."""
        members: dict[Node, set[Node]] = defaultdict(set)
        for node, canonical in self.canonical.items():
            members[canonical].add(node)
        return dict(members)

    def set_aside(self) -> list[Join]:
        return [join for join in self.joins if join.reason]

    def intervals(self) -> list[Interval]:
        """One row per user, one per owner segment of a device, sorted. Neighbours of one owner are one segment."""
        rows = [
            Interval(project, "user", user, BEGINNING, END, self.person(Node(project, False, user)))
            for project, user in self.users
        ]
        for (project, device), segments in self.devices.items():
            for start, end, node in segments.intervals():
                rows.append(Interval(project, "device", device, start, end, self.person(node)))
        return sorted(rows)


def resolve(
    events: Iterable[EventLike],
    messages: Sequence[MessageLike],
    *,
    max_users_per_device: int = 20,
    max_identifiers: int = 500,
) -> Persons:
    """Resolve clean events and messages; their order does not matter.

    Every id must be a real one or '' (`messages.without_nobodies`), every message counts once
    (`messages.without_copies`).
    """
    users: set[tuple[str, str]] = set()
    logins: dict[Device, set[Login]] = defaultdict(set)
    resets: dict[Device, set[int]] = defaultdict(set)
    _read_events(events, users, logins)
    _read_messages(messages, users, logins, resets)
    _cancel_unmerged_logins(messages, logins)
    devices = {
        device: segments_of(*device, logins=facts, resets=resets[device], max_users=max_users_per_device)
        for device, facts in logins.items()
    }
    drawn = without_cuts(draw_joins(messages, devices), messages)
    canonical, joins = components_of(drawn, max_identifiers=max_identifiers)
    return Persons(devices, frozenset(users), canonical, joins)


def _read_events(events: Iterable[EventLike], users: set[tuple[str, str]], logins: dict[Device, set[Login]]) -> None:
    """Note every identifier; an event with both is a login."""
    for event in events:
        if event.user_id:
            users.add((event.project_id, event.user_id))
        if event.device_id:
            facts = logins[event.project_id, event.device_id]
            if event.user_id:
                facts.add(Login(event.occurred_at_ms, event.user_id))


def _read_messages(
    messages: Iterable[MessageLike],
    users: set[tuple[str, str]],
    logins: dict[Device, set[Login]],
    resets: dict[Device, set[int]],
) -> None:
    for message in messages:
        users.update((message.project_id, user) for user in (message.user_id, message.previous_id) if user)
        for device in filter(None, (message.device_id, message.previous_device_id)):
            # Touching the device is enough for it to be known.
            logins[message.project_id, device].update()
        here = (message.project_id, message.device_id)
        if message.type in ("identify", "alias") and message.device_id and message.user_id:
            logins[here].add(Login(message.occurred_at_ms, message.user_id))
        if message.type == "reset" and message.device_id:
            resets[here].add(message.occurred_at_ms)


def _cancel_unmerged_logins(messages: Iterable[MessageLike], logins: dict[Device, set[Login]]) -> None:
    for message in messages:
        if message.type == "unmerge" and message.device_id and message.user_id:
            here = (message.project_id, message.device_id)
            logins[here] = {
                login
                for login in logins[here]
                if login.user_id != message.user_id or login.at_ms > message.occurred_at_ms
            }
