"""Sessions cut by another gap: which id went where is told, also where the run dies, or leaves out who tells it."""

from collections.abc import Iterator

import pytest

from tests.scenarios.conftest import VARIABLES, Marts
from tests.scenarios.records import event
from tests.support.builder import Builder, open_builder
from tests.support.landing import land

MODELS = ("--select", "+fct_sessions", "+fct_events", "+current_session_ids", "restatements")


@pytest.fixture
def by_the_hour(marts: Marts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    variables = {**VARIABLES, "session_gap": "1 hour"}
    with open_builder(marts.settings, tmp_path_factory.mktemp("hour"), variables) as builder:
        yield builder


def sessions(marts: Marts) -> dict[str, str]:
    return {
        row["event_id"]: row["session_id"] for row in marts.rows("SELECT event_id, session_id FROM {marts}.fct_events")
    }


def told(marts: Marts, names: dict[str, str]) -> list[tuple[str, str, str, int]]:
    """What the last run that told of sessions said."""
    rows = marts.rows("""
        SELECT session_id, new_session_id, toString(reason) AS reason, event_count FROM {marts}.session_id_map
        WHERE run = (SELECT max(run) FROM {marts}.session_id_map)
    """)
    return [(names[row["session_id"]], names[row["new_session_id"]], row["reason"], row["event_count"]) for row in rows]


def current(marts: Marts) -> list[dict[str, str]]:
    return marts.rows("SELECT session_id, current_session_id FROM {marts}.current_session_ids")


def restated(marts: Marts) -> list[tuple[float, float]]:
    rows = marts.rows("""
        SELECT old, new FROM {marts}.restatements WHERE model = 'fct_sessions' AND measure = 'sessions' ORDER BY run
    """)
    return [(row["old"], row["new"]) for row in rows]


def before_swaps(marts: Marts) -> list[dict[str, str]]:
    return marts.rows("SELECT name FROM system.tables WHERE database = '{marts}' AND name LIKE '%\\_\\_%\\_before'")


def test_ids_of_sessions_that_another_gap_joins_lead_to_them(marts: Marts, by_the_hour: Builder) -> None:
    visits = [event("gap", name, 2, minute=minute, device_id="phone") for name, minute in (("first", 0), ("apart", 50))]
    land(marts.client, marts.settings.raw_database, {"events": visits})
    marts.builder.build(*MODELS)
    ids = sessions(marts)
    names = {session: event_id for event_id, session in ids.items()}
    assert len(names) == 2

    # Killed twice, with the sessions of the hour in place already.
    for _ in range(2):
        by_the_hour.kill_before(f"insert into `{marts.settings.marts_database}`.`run_commits`", *MODELS)
    by_the_hour.build(*MODELS)
    assert set(sessions(marts).values()) == {ids["first"]}
    assert told(marts, names) == [("apart", "first", "joined", 1)]
    assert current(marts) == [{"session_id": ids["apart"], "current_session_id": ids["first"]}]
    assert restated(marts) == [(2, 1)]

    marts.builder.build(*MODELS)
    assert before_swaps(marts) == [{"name": "int_sessions_aggregated__5_before"}]
    assert told(marts, names) == [("apart", "apart", "followed", 0)]
    assert current(marts) == [{"session_id": ids["apart"], "current_session_id": ids["apart"]}]

    # The ledger is left out, and heard of no session that was joined.
    by_the_hour.build(*MODELS, "--exclude", "session_id_map", "current_session_ids")
    by_the_hour.build(*MODELS)
    assert told(marts, names) == [("apart", "first", "joined", 1)]
    assert restated(marts) == [(2, 1), (1, 2), (2, 1)]
    by_the_hour.build(*MODELS)
    assert before_swaps(marts) == []
