"""A mutation goes on when the run that asked for it is killed: the next run must not begin beside it."""

from tests.scenarios.conftest import Marts
from tests.scenarios.records import event
from tests.support.landing import land
from tests.support.waiting import eventually

MODELS = "+fct_sessions"
SESSIONS = "SELECT event_count FROM {marts}.fct_sessions WHERE project_id = 'left'"


def test_rows_that_a_killed_run_would_still_close_stand(marts: Marts) -> None:
    land(marts.client, marts.settings.raw_database, {"events": [event("left", "first", 1, device_id="phone")]})
    marts.build(MODELS, tests=False)
    [last] = marts.rows("SELECT max(run) AS run FROM {marts}.runs")
    table = f"{marts.settings.marts_database}.int_sessions_aggregated_data"
    unfinished = f"SELECT * FROM system.mutations WHERE NOT is_done AND database || '.' || table = '{table}'"
    # As if other work kept the engine from it.
    marts.client.command(f"SYSTEM STOP MERGES {table}")
    marts.client.command(
        f"ALTER TABLE {table} UPDATE closed = {last['run'] + 1} WHERE closed = 0 SETTINGS mutations_sync = 0"
    )
    marts.build(MODELS, tests=False)
    marts.client.command(f"SYSTEM START MERGES {table}")
    eventually(lambda: marts.rows(unfinished) == [], "the mutation is done or gone")
    assert marts.rows(SESSIONS) == [{"event_count": 1}]
