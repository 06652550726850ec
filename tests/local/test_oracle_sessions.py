"""The definition of a session on the oracle itself."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pytest

from local.oracle.messages import Event
from local.oracle.sessions import person_event, sessionize

MINUTE = 60_000


def sessions(events: Sequence[Event], **options: Any) -> list[list[str]]:
    """Event ids by session, both in the order of the input."""
    visits = sessionize(events, **options)
    found: dict[Hashable, list[str]] = {}
    for event in events:
        if visit := visits.get((event.project_id, event.event_id, event.client_timestamp_ms)):
            found.setdefault(visit.session, []).append(event.event_id)
    return list(found.values())


def campaign(event: Event) -> str:
    return event.event


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([Event("a", 0, "d"), Event("b", 30 * MINUTE, "d")], [["a", "b"]], id="a pause of the gap goes on"),
        pytest.param([Event("a", 0, "d"), Event("b", 30 * MINUTE + 1, "d")], [["a"], ["b"]], id="a longer one ends it"),
        pytest.param([Event("a", 0, "d"), Event("b", 1, "d", "ada")], [["a", "b"]], id="a login goes on"),
        pytest.param(
            [Event("a", 0, "d", "ada"), Event("b", 1, "d"), Event("c", 2, "d", "bob")],
            [["a", "b"], ["c"]],
            id="another user ends it, also after anonymous events",
        ),
        pytest.param(
            [Event("a", 0, "d", "ada"), Event("b", 90 * MINUTE, "d"), Event("c", 91 * MINUTE, "d", "bob")],
            [["a"], ["b", "c"]],
            id="the user of an earlier session is forgotten",
        ),
        pytest.param([Event("a", 0, "d"), Event("b", 1, "e")], [["a"], ["b"]], id="a device is an owner"),
        pytest.param(
            [Event("a", 0, "d", "ada"), Event("b", 1, "", "ada")], [["a"], ["b"]], id="a user is one only alone"
        ),
        pytest.param([Event("a", 0, "x"), Event("b", 1, "", "x")], [["a"], ["b"]], id="users and devices never mix"),
        pytest.param([Event("a", 0), Event("b", 1, "d")], [["b"]], id="no id, no session"),
        pytest.param([Event("b", 0, "d"), Event("a", 0, "d")], [["b", "a"]], id="ties go by event id"),
    ],
)
def test_where_a_session_ends(events: list[Event], expected: list[list[str]]) -> None:
    assert sessions(events) == expected


def test_a_session_ends_past_its_longest_duration() -> None:
    events = [Event(str(minute), minute * MINUTE, "d") for minute in range(5)]
    assert sessions(events, max_duration_ms=2 * MINUTE) == [["0", "1", "2"], ["3", "4"]]


def test_a_session_ends_where_a_split_value_changes() -> None:
    events = [Event("a", 0, "d", event="spring"), Event("b", 1, "d", event=""), Event("c", 2, "d", event="autumn")]
    splits: list[Callable[[Event], str]] = [campaign]
    assert sessions(events, split_on=splits) == [["a", "b"], ["c"]]


def test_sessionless_events_open_and_extend_none() -> None:
    events = [Event("a", 0, "d"), Event("server", 20 * MINUTE, "d"), Event("b", 40 * MINUTE, "d")]
    assert sessions(events, is_sessionless=lambda event: event.event_id == "server") == [["a"], ["b"]]


def test_events_and_sessions_are_numbered_from_one() -> None:
    events = [Event("a", 0, "d"), Event("b", 1, "d"), Event("c", 60 * MINUTE, "d")]
    assert [visit[1:] for visit in sessionize(reversed(events)).values()] == [(1, 1), (1, 2), (2, 1)]


def test_a_session_belongs_to_its_first_event_with_a_user() -> None:
    anonymous, ada, bob = Event("a", 0, "d"), Event("b", 1, "d", "ada"), Event("c", 2, "d", "bob")
    assert person_event([bob, anonymous, ada]) == ada
    assert person_event([anonymous]) == anonymous
