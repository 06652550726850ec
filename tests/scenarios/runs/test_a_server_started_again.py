"""Working tables are in memory, and empty once ClickHouse was started again: no run may take that for no news."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.stack import Stack
from tests.scenarios.conftest import Marts
from tests.scenarios.records import event
from tests.support.landing import land

MODELS = "+fct_sessions"


def test_a_run_commits_nothing_where_its_server_was_started_again(marts: Marts, stack: Stack) -> None:
    land(marts.client, marts.settings.raw_database, {"events": [event("again", "first", 2, device_id="phone")]})
    marts.build(MODELS, tests=False)
    second = event("again", "second", 2, minute=10, device_id="phone")
    land(marts.client, marts.settings.raw_database, {"events": [second]})
    # The sessions to build anew are found, and not asked for yet.
    asked = rf"select count\(\) from `{marts.settings.marts_database}`.`int_sessions_aggregated__\d+_dirty`"
    with ThreadPoolExecutor() as threads:
        built = threads.submit(marts.builder.build, "--select", MODELS, "--threads", "1", stop_at=asked)
        run = marts.builder.stopped_run()
        stack.kill("clickhouse")
        stack.up()
        run.resume()
        with pytest.raises(AssertionError, match="ClickHouse was started again during this run"):
            built.result()
    sessions = "SELECT event_count FROM {marts}.fct_sessions WHERE project_id = 'again'"
    assert marts.rows(sessions) == [{"event_count": 1}]
    marts.build(MODELS, tests=False)
    assert marts.rows(sessions) == [{"event_count": 2}]
