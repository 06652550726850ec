"""`event_lateness` counts the days with news again, and leaves the others as they are."""

from typing import Any

from tests.scenarios.conftest import Marts
from tests.support.landing import land

DAY_MS = 86_400_000
START_MS = 20_000 * DAY_MS
MODELS = "+event_lateness +fct_events"


def event(name: str, day: int, *, second: int = 0, **more: Any) -> dict[str, Any]:
    at = START_MS + day * DAY_MS + second * 1000
    return {"event_id": name, "event": "see", "timestamp": at, "received_at": at + 500, "device_id": name, **more}


# What lands in each batch. In the second, one day has no news, one gets an event, and one loses its only event to a
# better copy, which a wrong clock puts on another day.
LOST = event("lost", 2, received_at=START_MS + 3 * DAY_MS)
BATCHES = (
    [event("still", 0), event("first", 1), LOST],
    [event("late", 1, second=7), LOST | {"sent_at": START_MS + 2 * DAY_MS, "received_at": START_MS + DAY_MS}],
)


def lateness(marts: Marts) -> list[str]:
    return sorted(str(row) for row in marts.rows("SELECT * FROM {marts}.event_lateness"))


def test_days_with_news_are_counted_again_and_others_left_alone(marts: Marts) -> None:
    for events in BATCHES:
        land(marts.client, marts.settings.raw_database, {"events": events})
        marts.build(MODELS)
    counted = marts.rows("""
        SELECT toInt32(toUInt16(occurred_date)) - 20000 AS day, event_count FROM {marts}.event_lateness
        WHERE way_point = 'received' ORDER BY day
    """)
    assert [(row["day"], row["event_count"]) for row in counted] == [(0, 1), (1, 3)]
    [untouched] = marts.rows("""
        SELECT groupUniqArray(run) AS runs FROM {marts}.event_lateness_data
        WHERE toUInt16(occurred_date) = 20000
    """)
    assert untouched == {"runs": [1]}
    in_batches = lateness(marts)
    marts.builder.build("--select", *MODELS.split(), "--full-refresh")
    assert lateness(marts) == in_batches


def test_events_of_any_number_of_weeks_land_at_once(marts: Marts) -> None:
    weeks = [event(f"week {number}", -7 * number, project_id="imported") for number in range(150)]
    land(marts.client, marts.settings.raw_database, {"events": weeks})
    marts.build(MODELS, tests=False)
    assert marts.rows("SELECT count() AS events FROM {marts}.fct_events WHERE project_id = 'imported'") == [
        {"events": len(weeks)}
    ]
