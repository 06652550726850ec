"""Two events that share an id and a time are two events: a session that moves takes both along."""

from typing import Any

from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "twins"
DAY = "2026-03-02"


def event(name: str, clock: str, **more: Any) -> dict[str, Any]:
    return {
        "event_id": name,
        "event": "see",
        "timestamp": f"{DAY}T{clock}Z",
        "project_id": PROJECT,
        "device_id": "phone",
        **more,
    }


def test_a_late_event_before_them_moves_both(marts: Marts) -> None:
    an_hour_slow = {"sent_at": f"{DAY}T11:00:10Z", "received_at": f"{DAY}T12:00:10Z"}
    twins = [event("twin", "12:00:00"), event("twin", "11:00:00", **an_hour_slow)]
    for batch in (twins, [event("before", "11:50:00")]):
        land(marts.client, marts.settings.raw_database, {"events": batch})
        marts.build("+fct_sessions +fct_events", tests=False)
    rows = marts.rows(f"""
        SELECT groupArray(event_id) AS events, groupUniqArray(occurred_at) AS times
        FROM {{marts}}.fct_events WHERE project_id = '{PROJECT}' GROUP BY session_id
    """)
    assert [sorted(row["events"]) for row in rows] == [["before", "twin", "twin"]]
    assert len(rows[0]["times"]) == 2
