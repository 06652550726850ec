"""A person's profile: the people messages of all its users, folded in the order of (occurred_at, event id)."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from local.oracle.identity import Persons
from local.oracle.messages import EventLike
from local.oracle.owners import END, Node


class PeopleMessageLike(Protocol):
    """`local.simulator.truth.TruePeopleMessage` fits."""

    @property
    def project_id(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def occurred_at_ms(self) -> int: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Profile:
    """`is_deleted`: the last word was a `delete`."""

    properties: Mapping[str, Any]
    is_deleted: bool


def profiles_of(
    persons: Persons, events: Iterable[EventLike], messages: Iterable[PeopleMessageLike]
) -> dict[tuple[str, frozenset[str]], Profile]:
    """The profile of each person that is a user, was joined (to too many or not), or did something.

    A person is told by its project and its identifiers (`u:ada`, `d:phone`), for its id is a hash.
    """
    joins = (join for join in persons.joins if join.reason != "cut")
    met: set[Node | None] = {persons.person(end) for join in joins for end in (join.left, join.right)}
    met |= {persons.person_of(event) for event in events}
    said = _by_person(persons, messages)
    identifiers = _identifiers(persons, said)
    return {
        (person.project_id, frozenset(members)): profile_of(said.get(person, ()))
        for person, members in identifiers.items()
        if not person.is_anonymous or person in met
    }


def profile_versions_of(
    persons: Persons, messages: Iterable[PeopleMessageLike]
) -> dict[tuple[str, frozenset[str]], list[tuple[int, int, Profile]]]:
    """From when until when (END after the last) each person had which profile; persons are told as in `profiles_of`."""
    said = _by_person(persons, messages)
    identifiers = _identifiers(persons, said)
    return {
        (person.project_id, frozenset(identifiers[person])): list(_versions(of_person))
        for person, of_person in said.items()
    }


def _versions(messages: Sequence[PeopleMessageLike]) -> Iterator[tuple[int, int, Profile]]:
    starts = sorted({message.occurred_at_ms for message in messages})
    for start, end in pairwise([*starts, END]):
        yield start, end, profile_of(message for message in messages if message.occurred_at_ms <= start)


def _by_person(persons: Persons, messages: Iterable[PeopleMessageLike]) -> dict[Node, list[PeopleMessageLike]]:
    said: dict[Node, list[PeopleMessageLike]] = defaultdict(list)
    for message in messages:
        if message.user_id:
            said[persons.person(Node(message.project_id, False, message.user_id))].append(message)
    return said


def _identifiers(persons: Persons, said: Mapping[Node, Iterable[PeopleMessageLike]]) -> dict[Node, set[str]]:
    identifiers: dict[Node, set[str]] = defaultdict(set)
    for row in persons.intervals():
        identifiers[row.person].add(f"{row.identifier_kind[0]}:{row.identifier}")
    for person, messages in said.items():
        identifiers[person].update(f"u:{message.user_id}" for message in messages)
    return identifiers


def profile_of(messages: Iterable[PeopleMessageLike]) -> Profile:
    """Fold clean messages of one person. A null value is a missing one; counting starts at 0 where no number is."""
    properties: dict[str, Any] = {}
    is_deleted = False
    for message in sorted(messages, key=lambda message: (message.occurred_at_ms, message.event_id)):
        is_deleted = message.type == "delete"
        if is_deleted:
            properties = {}
        for key, value in message.properties.items():
            properties[key] = _folded(message.type, properties.get(key), value)
        properties = {key: value for key, value in properties.items() if value is not None}
    return Profile(properties, is_deleted)


def _folded(kind: str, current: Any, value: Any) -> Any:
    """The value of one property after one message; None is unset."""
    if kind == "set":
        return value
    if kind == "set_once":
        return value if current is None else current
    if kind == "increment":
        return _sum(current if _is_number(current) else 0, value) if _is_number(value) else current
    return None if kind in ("unset", "delete") else current


def _sum(current: float, value: float) -> float:
    """No number of JSON is larger than a double."""
    return min(max(current + value, -sys.float_info.max), sys.float_info.max)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
