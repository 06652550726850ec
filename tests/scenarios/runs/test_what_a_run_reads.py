"""A run reads what has landed since, and looks for a late event among the events of its week, not of all history."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.scenarios.conftest import Marts
from tests.support.landing import land

DAY_MS = 86_400_000
# A Wednesday.
START_MS = (20_000 // 7 * 7 - 1) * DAY_MS + DAY_MS // 2
# Records enough for some granules of `stg_raw__event_times`.
WEEKS, DEVICES, LATE_WEEK = 20, 800, 3
PARTS, PARTITIONS = 10, 4
MODELS = "+trends_daily"
READERS_OF_RAW = "+events_live"
# What looks for events by their days, and makes these tables of what it finds.
LOOKS = ("int_events_sessionized__touched", "int_sessions_aggregated__histories", "trends_daily__fresh")

# A table that is made or filled, how many rows are read for it, and which partitions of the events.
MADE = """
    replaceRegexpOne(extract(query, '(?:create .*table|insert into) `\\w+`.`(\\w+)`'), '__[0-9]+_', '__') AS name,
    read_rows,
    arrayFilter(each -> each LIKE '{marts}.int_events_sessionized_data.%', partitions) AS weeks
"""
LOOKED_UP = """
    extract(query, '"node": "model[.]throughline[.]([^"]*)') AS model,
    hasAny(tables, ['{marts}.run_commits', '{marts}.run_lookups']) AS looked_up
"""


def event(week: int, device: int, *, minute: int = 0) -> dict[str, Any]:
    return {
        "event_id": f"{week}-{device}-{minute}", "event": "see", "device_id": f"device {device}",
        "timestamp": START_MS + week * 7 * DAY_MS + minute * 60_000,
    }  # fmt: skip


@contextmanager
def statements_of_dbt(marts: Marts, columns: str, where: str) -> Iterator[list[dict[str, Any]]]:
    """These columns of the query log, of all statements that end meanwhile and fulfil a condition on them."""
    [since] = marts.rows("SELECT now64(6) AS at")
    found: list[dict[str, Any]] = []
    yield found
    marts.client.command("SYSTEM FLUSH LOGS")
    found += marts.rows(f"""
        SELECT {columns} FROM system.query_log
        WHERE event_time_microseconds >= '{since["at"]}' AND type = 'QueryFinish' AND user = 'dbt' AND {where}
    """)


def test_a_late_event_opens_its_own_week_only(marts: Marts) -> None:
    history = [event(week, device) for week in range(WEEKS) for device in range(DEVICES)]
    land(marts.client, marts.settings.raw_database, {"events": history})
    marts.build(MODELS, tests=False)
    late = [event(LATE_WEEK, 0, minute=5), event(LATE_WEEK, 1)]
    land(marts.client, marts.settings.raw_database, {"events": late})
    with statements_of_dbt(marts, MADE, f"name IN {(*LOOKS, 'stg_raw__event_copies__met', 'run_positions')}") as seen:
        marts.build(MODELS, tests=False)
    made = {each["name"]: each for each in seen}
    [session] = marts.rows("SELECT event_count FROM {marts}.int_sessions_aggregated WHERE event_count > 1")
    assert session == {"event_count": 2}
    for name in LOOKS:
        assert len(made[name]["weeks"]) == 1, f"{name} opened {made[name]['weeks']}"
    # A copy is looked for among the records of about its time.
    assert made["stg_raw__event_copies__met"]["read_rows"] < WEEKS * DEVICES / 2
    # Of raw that which has landed, and what stands beside it.
    assert made["run_positions"]["read_rows"] < WEEKS * DEVICES


def test_a_copy_of_the_same_bytes_is_told_without_a_look_at_the_record(marts: Marts) -> None:
    marts.build(f"{MODELS} +live_copies", tests=False)
    [before] = marts.rows("SELECT count() AS copies FROM {staging}.stg_raw__event_copies")
    # Its record lies among the first thousands that landed.
    land(marts.client, marts.settings.raw_database, {"events": [event(LATE_WEEK, 2)]})
    live = marts.client.query(f"SELECT length(coordinates_beyond) FROM {marts.settings.marts_database}.live_copies")
    assert live.first_row == (1,)
    assert int(live.summary["read_rows"]) < WEEKS * DEVICES / 2
    with statements_of_dbt(marts, MADE, "name = 'stg_raw__event_copies__fresh'") as seen:
        marts.build(MODELS, tests=False)
    assert seen[0]["read_rows"] < WEEKS * DEVICES / 2
    [after] = marts.rows("SELECT count() AS copies FROM {staging}.stg_raw__event_copies")
    assert after["copies"] == before["copies"] + 1


def test_models_read_what_stands_and_look_up_nothing_that_is_committed(marts: Marts) -> None:
    marts.build("+marts", tests=False)
    land(marts.client, marts.settings.raw_database, {"events": [event(0, 0, minute=-7)]})
    built = "log_comment = 'working state' AND query_kind IN ('Create', 'Insert') AND model != ''"
    with statements_of_dbt(marts, LOOKED_UP, built) as made:
        marts.build("+marts", tests=False)
    assert {"person_ids", "trends_daily", "int_funnel_purchase_persons", "active_users_daily"} <= {
        row["model"] for row in made
    }
    # Those ask plain views, which say for themselves what they show.
    assert {row["model"] for row in made if row["looked_up"]} <= {"identity_set_aside", "int_paths_session_persons"}


def test_what_landed_before_is_not_looked_at_again(marts: Marts) -> None:
    raw = marts.settings.raw_database
    # Parts in which a granule reaches from one topic-partition to the next.
    marts.client.command(f"SYSTEM STOP MERGES {raw}.events")
    for part in range(PARTS):
        history = [event(WEEKS + part, device) for device in range(DEVICES)]
        land(marts.client, raw, {"events": history}, partitions=PARTITIONS)
    marts.build(READERS_OF_RAW, tests=False)
    # The views of what has landed since name the topic-partitions that were known before.
    land(marts.client, raw, {"events": [event(WEEKS + PARTS, 0)]}, partitions=PARTITIONS)
    marts.build(READERS_OF_RAW, tests=False)
    land(marts.client, raw, {"events": [event(WEEKS + PARTS, device) for device in range(1, 5)]}, partitions=PARTITIONS)
    landed = PARTS * DEVICES
    live = marts.client.query(f"SELECT count() FROM {marts.settings.marts_database}.live_persons")
    assert int(live.summary["read_rows"]) < landed / 2
    with statements_of_dbt(marts, MADE, "name IN ('run_positions', 'stg_raw__event_times_data')") as seen:
        marts.build(READERS_OF_RAW, tests=False)
    read = {each["name"]: each["read_rows"] for each in seen}
    assert max(read.values()) < landed / 2, read
    marts.client.command(f"SYSTEM START MERGES {raw}.events")


def test_a_replayed_record_hides_none_of_those_before_it_that_land_later(marts: Marts) -> None:
    land(marts.client, marts.settings.raw_database, {"events": [event(0, 0, minute=-9)]}, lane="replay", skip=100)
    marts.build("+fct_events", tests=False)
    land(marts.client, marts.settings.raw_database, {"events": [event(0, 0, minute=-8)]})
    marts.build("+fct_events", tests=False)
    rows = marts.rows("SELECT event_id FROM {marts}.fct_events WHERE event_id IN ('0-0--8', '0-0--9')")
    assert len(rows) == 2
