"""Partitions that nothing lands in any more are merged, though runs that close rows elsewhere touch all parts."""

from orchestration.lib.fragments import Fragmented, fragmented_partitions, merge
from tests.scenarios.conftest import Marts
from tests.scenarios.records import event
from tests.support.landing import land

MODELS = "+fct_events"
# Mondays; the first is at rest.
RESTS, GROWS = "20260302", "20260309"


def test_a_week_in_which_nothing_landed_for_a_day_is_merged(marts: Marts) -> None:
    def build(name: str, *days: int) -> None:
        events = [event("rest", f"{name} {day}", day, device_id=name) for day in days]
        land(marts.client, marts.settings.raw_database, {"events": events})
        marts.build(MODELS, tests=False)

    def in_parts(least: int) -> list[Fragmented]:
        databases = [marts.settings.marts_database]
        found = fragmented_partitions(marts.client, databases, databases[0], marts.versioned_models, least)
        return [each for each in found if each.table == "int_events_sessionized_data"]

    build("first", 3, 10)
    facts = f"{marts.settings.marts_database}.int_events_sessionized_data"
    # Small parts stay apart, as large ones do.
    marts.client.command(f"ALTER TABLE {facts} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1")
    build("second", 3, 10)
    marts.client.command(
        f"ALTER TABLE {marts.settings.marts_database}.runs UPDATE started_at = started_at - INTERVAL 2 DAY WHERE 1"
        " SETTINGS mutations_sync = 1"
    )
    # A session that begins earlier: a row of the week that grows is closed.
    land(
        marts.client,
        marts.settings.raw_database,
        {"events": [event("rest", "before", 10, device_id="first") | {"timestamp": "2026-03-10T11:50:00Z"}]},
    )
    marts.build(MODELS, tests=False)
    [changed] = marts.rows("SELECT countIf(closed > 0) AS closed FROM {marts}.int_events_sessionized_data")
    assert changed["closed"] == 1

    assert [(each.partition_id, each.parts) for each in in_parts(2)] == [(RESTS, 2)]
    assert in_parts(3) == []
    before = marts.rows("SELECT * FROM {marts}.fct_events ORDER BY event_id")
    merge(marts.client, in_parts(2)[0])
    assert in_parts(2) == []
    assert marts.rows("SELECT * FROM {marts}.fct_events ORDER BY event_id") == before
    [grows] = marts.rows(f"""
        SELECT count() AS parts FROM system.parts
        WHERE active AND database = '{{marts}}' AND table = 'int_events_sessionized_data' AND partition_id = '{GROWS}'
    """)
    assert grows["parts"] > 2
