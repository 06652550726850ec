"""Events of one device within one millisecond: which session each is in does not hang on how they are built."""

from typing import Any

from tests.scenarios.conftest import Marts
from tests.support.landing import land

DAY = "2026-03-02"


def event(project: str, name: str, clock: str, **more: Any) -> dict[str, Any]:
    return {
        "event_id": name,
        "event": "see",
        "timestamp": f"{DAY}T{clock}Z",
        "project_id": project,
        "device_id": "phone",
        **more,
    }


def sessions(marts: Marts, project: str) -> list[list[str]]:
    rows = marts.rows(f"""
        SELECT arraySort(groupArray(event_id)) AS events FROM {{marts}}.fct_events
        WHERE project_id = '{project}' GROUP BY session_id ORDER BY events
    """)
    return [row["events"] for row in rows]


USERS = [
    event("users", name, clock, user_id=user)
    for name, user, clock in (
        ("1", "ada", "12:00:00.000"),
        ("2", "ada", "12:00:05.000"),
        ("3", "ben", "12:00:05.000"),
        ("4", "ben", "12:00:05.000"),
        ("5", "cyd", "12:00:05.000"),
        ("6", "cyd", "12:00:09.000"),
        ("7", "ada", "12:00:09.000"),
    )
]
# Two events of one id: the clock of the second is an hour slow, so both were at noon.
TWINS = [
    event("twins", "twin", "12:00:00"),
    event("twins", "twin", "11:00:00", sent_at=f"{DAY}T11:00:10Z", received_at=f"{DAY}T12:00:10Z"),
]


def test_users_who_follow_each_other_have_a_session_each_and_twins_stay_together(marts: Marts) -> None:
    land(marts.client, marts.settings.raw_database, {"events": USERS + TWINS})
    marts.build("+fct_events", tests=False)
    assert sessions(marts, "users") == [["1", "2"], ["3", "4"], ["5", "6"], ["7"]]
    assert sessions(marts, "twins") == [["twin", "twin"]]
    late = [event("users", "0", "12:00:00.000", user_id="ada"), event("twins", "before", "11:50:00")]
    land(marts.client, marts.settings.raw_database, {"events": late})
    for refresh in ([], ["--full-refresh"]):
        marts.builder.build(*refresh, "--select", "+fct_events", "--indirect-selection", "cautious")
        assert sessions(marts, "users") == [["0", "1", "2"], ["3", "4"], ["5", "6"], ["7"]]
        assert sessions(marts, "twins") == [["before", "twin", "twin"]]
