"""`sessionize` against a brute-force pass over each owner's events, and its edges by name."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from local.oracle.messages import Event
from local.oracle.sessions import key_of, sessionize
from tests.macros.harness import Macros, RaisedByMacroError, create_events, query

MINUTE_MS = 60_000
START_MS = 1_767_225_600_000


@dataclass(frozen=True, slots=True)
class Visited(Event):
    """An event with the campaign that brought it."""

    campaign: str = ""


def events_of(seed: int, count: int = 1500) -> list[Visited]:
    """Events around the edges: equal times, silences of exactly the gap, changing users, owners of one name."""
    chance = random.Random(seed)
    events, at_ms = [], START_MS
    for number in range(count):
        at_ms += chance.choice([0, 1, MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, 30 * MINUTE_MS + 1])
        events.append(
            Visited(
                f"e{chance.randrange(10**9)}-{number}",
                at_ms,
                chance.choice(["", "one", "two"]),
                chance.choice(["", "", "", "one", "ada"]),
                event=chance.choice(["page_view", "server"]),
                campaign=chance.choice(["", "", "", "spring", "autumn"]),
            )
        )
    return events


def rows_of(events: list[Visited]) -> list[dict[str, Any]]:
    return [
        {
            "event_id": event.event_id,
            "event": event.event,
            "occurred_at": event.occurred_at_ms / 1000,
            "device_id": event.device_id,
            "user_id": event.user_id,
            "properties": {"utm_campaign": event.campaign, "nested": {"campaign": event.campaign}},
        }
        for event in events
    ]


def campaign(event: Visited) -> str:
    return event.campaign


OPTIONS = [
    pytest.param({}, {}, {}, id="the default"),
    pytest.param({"gap": "10 minutes"}, {"gap_ms": 10 * MINUTE_MS}, {}, id="a shorter gap"),
    pytest.param({"max_duration": "1 hour"}, {"max_duration_ms": 60 * MINUTE_MS}, {}, id="a longest duration"),
    pytest.param({"split_on": ["utm_campaign"]}, {"split_on": [campaign]}, {}, id="split on a column"),
    pytest.param({"split_on": ["properties.nested.campaign"]}, {"split_on": [campaign]}, {}, id="split on a property"),
    pytest.param(
        {
            "gap": "2 hours",
            "max_duration": "3 hours",
            "split_on": ["utm_campaign", "toDate(occurred_at, 'Asia/Tokyo')"],
        },
        {
            "gap_ms": 120 * MINUTE_MS,
            "max_duration_ms": 180 * MINUTE_MS,
            "split_on": [campaign, lambda event: str((event.occurred_at_ms + 540 * MINUTE_MS) // 86_400_000)],
        },
        {},
        id="all at once",
    ),
    pytest.param(
        {},
        {"is_sessionless": lambda event: event.event == "server"},
        {"sessionless_where": "event = 'server'"},
        id="sessionless events",
    ),
]


@pytest.mark.parametrize(("arguments", "truth_arguments", "variables"), OPTIONS)
def test_sessions_equal_a_pass_over_the_events(
    arguments: dict[str, Any], truth_arguments: dict[str, Any], variables: dict[str, Any]
) -> None:
    for seed in range(3):
        events = events_of(seed)
        create_events(rows_of(events))
        rows = query(Macros(variables).call("sessionize", "fct_events", **arguments))
        truth = sessionize(events, **truth_arguments)
        first_of_session = {row["session_id"]: row["event_id"] for row in rows if row["event_number_in_session"] == 1}
        assert len(rows) == len(events)
        for row in rows:
            visit = truth.get(("default", row["event_id"], 0))
            found = (row["session_id"], row["session_number"], row["event_number_in_session"])
            if visit is None:
                assert found == ("", 0, 0)
            else:
                assert (first_of_session[found[0]], *found[1:]) == (visit.session[1], *visit[1:])
        assert {key_of(event) for event in events} >= set(truth)


def test_an_anonymous_visitor_who_logs_in_goes_on_in_the_same_session() -> None:
    events = [
        Visited("a", START_MS, "phone"),
        Visited("b", START_MS + 1, "phone", "ada"),
        Visited("c", START_MS + 2, "phone"),
    ]
    create_events(rows_of(events))
    rows = query(Macros().call("sessionize", "fct_events"))
    assert len({row["session_id"] for row in rows}) == 1


def test_a_later_event_leaves_the_ids_of_sessions_as_they_were() -> None:
    events = [Visited("a", START_MS, "phone"), Visited("b", START_MS + 90 * MINUTE_MS, "phone")]
    sessions: Callable[[], dict[str, str]] = lambda: {  # noqa: E731 - read twice
        row["event_id"]: row["session_id"] for row in query(Macros().call("sessionize", "fct_events"))
    }
    create_events(rows_of(events))
    before = sessions()
    create_events(rows_of([*events, Visited("c", START_MS + 91 * MINUTE_MS, "phone")]))
    assert before.items() <= sessions().items()


@pytest.mark.parametrize(
    ("per", "sessions"),
    [pytest.param("device", 2, id="of a device"), pytest.param("user", 1, id="of a user")],
)
def test_a_user_on_two_devices_has_sessions_per_owner(per: str, sessions: int) -> None:
    create_events(rows_of([Visited("a", START_MS, "phone", "ada"), Visited("b", START_MS + 1, "laptop", "ada")]))
    rows = query(Macros().call("sessionize", "fct_events", per=per))
    assert len({row["session_id"] for row in rows}) == sessions


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"gap": "soon"}, id="no duration"),
        pytest.param({"gap": "1 month"}, id="a month has no length"),
        pytest.param({"max_duration": 30}, id="a bare number"),
        pytest.param({"split_on": [""]}, id="an empty expression"),
        pytest.param({"per": "tenant"}, id="an unknown owner"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any]) -> None:
    [name] = arguments
    with pytest.raises(RaisedByMacroError, match=rf"sessionize\(\): argument `{name}`"):
        Macros().call("sessionize", "fct_events", **arguments)
