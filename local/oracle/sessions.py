"""Sessions by brute force: one pass over each owner's events in the order of (occurred_at, event id)."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

from local.oracle.messages import EventLike


class SessionEvent(EventLike, Protocol):
    """An event with what tells it from every other: the same id with another timestamp is another event."""

    @property
    def client_timestamp_ms(self) -> int: ...


SomeEvent = TypeVar("SomeEvent", bound=SessionEvent)

EventKey = tuple[str, str, int]
# What a session must not mix: one function per value, '' where the event does not say.
SplitOn = Callable[[SomeEvent], Hashable]


class Visit(NamedTuple):
    """The place of one event. A session is named by its first event, both numbers are 1-based."""

    session: EventKey
    session_number: int
    event_number: int


@dataclass(slots=True)
class _Open:
    session: EventKey
    number: int
    started_ms: int
    last_ms: int
    events: int = 0
    # The last non-empty value of the user id and of each split.
    held: list[Hashable] = field(default_factory=list)


def key_of(event: SessionEvent) -> EventKey:
    return (event.project_id, event.event_id, event.client_timestamp_ms)


def sessionize(
    events: Iterable[SomeEvent],
    *,
    gap_ms: int = 30 * 60 * 1000,
    max_duration_ms: int | None = None,
    split_on: Sequence[SplitOn[SomeEvent]] = (),
    is_sessionless: Callable[[SomeEvent], bool] | None = None,
) -> dict[EventKey, Visit]:
    """The session of every event that has one; without an id, or sessionless, an event has none.

    The owner is the device, else the user. A session ends after more than `gap_ms` without an event, past
    `max_duration_ms`, and where the user id or a split differs from the last non-empty one of this session.
    """
    by_owner: dict[Hashable, list[SomeEvent]] = {}
    for event in events:
        owner = (event.project_id, bool(event.device_id), event.device_id or event.user_id)
        if owner[2] and not (is_sessionless and is_sessionless(event)):
            by_owner.setdefault(owner, []).append(event)
    visits: dict[EventKey, Visit] = {}
    for of_owner in by_owner.values():
        current: _Open | None = None
        of_owner.sort(key=lambda event: (event.occurred_at_ms, event.event_id, event.client_timestamp_ms))
        for event in of_owner:
            values = [event.user_id, *(split(event) for split in split_on)]
            if current is None or _ends_before(event, values, current, gap_ms=gap_ms, max_duration_ms=max_duration_ms):
                number = current.number + 1 if current else 1
                current = _Open(key_of(event), number, event.occurred_at_ms, event.occurred_at_ms)
            current.held = [value or held for value, held in zip(values, current.held or values, strict=True)]
            current.last_ms = event.occurred_at_ms
            current.events += 1
            visits[key_of(event)] = Visit(current.session, current.number, current.events)
    return visits


def _ends_before(
    event: SessionEvent, values: Sequence[Hashable], current: _Open, *, gap_ms: int, max_duration_ms: int | None
) -> bool:
    at_ms = event.occurred_at_ms
    if at_ms - current.last_ms > gap_ms:
        return True
    if max_duration_ms is not None and at_ms - current.started_ms > max_duration_ms:
        return True
    return any(value and held and value != held for value, held in zip(values, current.held, strict=True))


def person_event(events: Iterable[SomeEvent]) -> SomeEvent:
    """The event whose person is the session's: its first with a user, else its first."""
    return min(
        events,
        key=lambda event: (not event.user_id, event.occurred_at_ms, event.event_id, event.client_timestamp_ms),
    )
