"""Working tables are in memory, and empty once ClickHouse was started again: no run may take that for no news."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from local.stack import Stack
from tests.scenarios.conftest import Marts
from tests.scenarios.records import event
from tests.support.clickhouse import connect
from tests.support.landing import land
from tests.support.waiting import eventually

MODELS = "+fct_sessions"


def test_a_run_commits_nothing_where_its_server_was_started_again(marts: Marts, stack: Stack) -> None:
    land(marts.client, marts.settings.raw_database, {"events": [event("again", "first", 2, device_id="phone")]})
    marts.build(MODELS, tests=False)
    second = event("again", "second", 2, minute=10, device_id="phone")
    land(marts.client, marts.settings.raw_database, {"events": [second]})
    # The sessions to build anew are found, and not asked for yet.
    asked = rf"select count\(\) from `{marts.settings.marts_database}`.`int_sessions_aggregated__\d+_dirty`"
    is_refused = pytest.raises(AssertionError, match="ClickHouse was started again during this run")
    with is_refused, marts.builder.held_up(asked, "--select", MODELS, "--threads", "1"):
        stack.kill("clickhouse")
        stack.up()
    sessions = "SELECT event_count FROM {marts}.fct_sessions WHERE project_id = 'again'"
    assert marts.rows(sessions) == [{"event_count": 1}]
    marts.build(MODELS, tests=False)
    assert marts.rows(sessions) == [{"event_count": 2}]


def test_a_table_that_was_to_replace_another_as_the_server_died_is_dropped(marts: Marts, stack: Stack) -> None:
    working = f"{marts.settings.marts_database}.fct_sessions__7_fresh"

    def make_slowly() -> None:
        with connect(marts.settings, "admin") as client:
            client.command(f"""
                CREATE OR REPLACE TABLE {working} ENGINE = MergeTree ORDER BY () AS
                SELECT sleepEachRow(0.1) FROM numbers(1000) SETTINGS max_block_size = 10
            """)

    def left() -> list[dict[str, str]]:
        return marts.rows("SELECT name FROM system.tables WHERE database = '{marts}' AND name LIKE '%replace%'")

    with ThreadPoolExecutor() as threads:
        made = threads.submit(make_slowly)
        eventually(lambda: bool(left()), "a table that is to replace another")
        stack.kill("clickhouse")
        with pytest.raises((ClickHouseError, OSError)):
            made.result()
        stack.up()
    assert left() != []
    marts.build(MODELS, tests=False)
    assert left() == []
