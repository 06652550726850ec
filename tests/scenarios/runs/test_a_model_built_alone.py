"""Who builds one model without those before it must not lose what they have not read yet."""

from typing import Any

from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "alone"


def event(name: str) -> dict[str, Any]:
    at = "2026-03-02T12:00:00Z"
    return {"event_id": name, "event": "see", "timestamp": at, "project_id": PROJECT, "device_id": "phone"}


def test_the_facts_built_alone_skip_no_record(marts: Marts) -> None:
    builds = {
        "first": "+int_events_sessionized +events_live",
        "second": "int_events_sessionized",
        "third": "+int_events_sessionized",
    }
    for count, (name, models) in enumerate(builds.items(), start=1):
        land(marts.client, marts.settings.raw_database, {"events": [event(name)]})
        marts.build(models, tests=False)
        live = marts.rows(f"SELECT count() AS events FROM {{marts}}.events_live WHERE project_id = '{PROJECT}'")
        assert live == [{"events": count}]
    rows = marts.rows(f"SELECT event_id FROM {{marts}}.int_events_sessionized WHERE project_id = '{PROJECT}'")
    assert sorted(row["event_id"] for row in rows) == ["first", "second", "third"]
