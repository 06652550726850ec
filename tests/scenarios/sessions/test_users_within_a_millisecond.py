"""Users of one device who follow each other within one millisecond have a session each, however they are built."""

from typing import Any

from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "instant"
NOON = "2026-03-02T12:00:00"


def event(name: str, user: str, second: str) -> dict[str, Any]:
    return {
        "event_id": name,
        "event": "see",
        "timestamp": f"{NOON[:-2]}{second}Z",
        "project_id": PROJECT,
        "device_id": "tv",
        "user_id": user,
    }


EVENTS = [
    event("1", "ada", "00.000"),
    event("2", "ada", "05.000"),
    event("3", "ben", "05.000"),
    event("4", "ben", "05.000"),
    event("5", "cyd", "05.000"),
    event("6", "cyd", "09.000"),
    event("7", "ada", "09.000"),
]
SESSIONS = [["1", "2"], ["3", "4"], ["5", "6"], ["7"]]


def sessions(marts: Marts) -> list[list[str]]:
    rows = marts.rows(f"""
        SELECT arraySort(groupArray(event_id)) AS events FROM {{marts}}.fct_events
        WHERE project_id = '{PROJECT}' GROUP BY session_id ORDER BY events
    """)
    return [row["events"] for row in rows]


def test_each_has_a_session_in_a_whole_build_and_after_a_batch(marts: Marts) -> None:
    land(marts.client, marts.settings.raw_database, {"events": EVENTS})
    marts.build("+fct_events", tests=False)
    assert sessions(marts) == SESSIONS
    land(marts.client, marts.settings.raw_database, {"events": [event("0", "ada", "00.000")]})
    marts.build("+fct_events", tests=False)
    assert sessions(marts) == [["0", "1", "2"], *SESSIONS[1:]]
    marts.builder.build("--full-refresh", "--select", "+fct_events", "--indirect-selection", "cautious")
    assert sessions(marts) == [["0", "1", "2"], *SESSIONS[1:]]
