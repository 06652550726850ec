"""Who builds one model without those before it must not lose what they have not read yet.

Old runs are forgotten after each build.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "alone"


def event(name: str, *, project: str = PROJECT, at: str = "12:00") -> dict[str, Any]:
    return {
        "event_id": name, "event": "see", "timestamp": f"2026-03-02T{at}:00Z",
        "project_id": project, "device_id": "phone",
    }  # fmt: skip


def test_the_facts_built_alone_skip_no_record(marts: Marts) -> None:
    builds = {
        "first": "+int_events_sessionized +events_live",
        "second": "int_events_sessionized",
        "third": "+int_events_sessionized",
    }
    for count, (name, models) in enumerate(builds.items(), start=1):
        land(marts.client, marts.settings.raw_database, {"events": [event(name)]})
        marts.build(models, tests=False)
        marts.forget_old_runs()
        live = marts.rows(f"SELECT count() AS events FROM {{marts}}.events_live WHERE project_id = '{PROJECT}'")
        assert live == [{"events": count}]
    rows = marts.rows(f"SELECT event_id FROM {{marts}}.int_events_sessionized WHERE project_id = '{PROJECT}'")
    assert sorted(row["event_id"] for row in rows) == ["first", "second", "third"]


def test_facts_go_no_further_than_what_their_copies_are_known_of(marts: Marts) -> None:
    """A record and its copy, of which any of the three models hears before the others."""
    land(marts.client, marts.settings.raw_database, {"events": [event("known", project="judged")]})
    marts.build("+fct_events +events_live", tests=False)
    twice = event("twice", project="judged")
    land(marts.client, marts.settings.raw_database, {"events": [twice, twice, event("once", project="judged")]})
    alone = ("stg_raw__event_copies", "int_events_sessionized", "stg_raw__event_times", "int_events_sessionized")
    for models, stored in (*((each, 1) for each in alone), ("stg_raw__event_copies", 1), ("int_events_sessionized", 3)):
        marts.build(models, tests=False)
        marts.forget_old_runs()
        for relation, events in (("fct_events", stored), ("events_live", 3)):
            rows = marts.rows(f"SELECT event_id FROM {{marts}}.{relation} WHERE project_id = 'judged'")
            assert len(rows) == len({row["event_id"] for row in rows}) == events, (models, relation)


def test_sessions_are_those_of_the_facts_where_these_were_built_alone(marts: Marts) -> None:
    everything = "+fct_sessions +fct_events"
    # Two sessions, one that joins them while `fct_sessions` knows nothing of it, and one that goes on from the second.
    for events, models in (
        ([event("first", project="lag", at="12:00"), event("second", project="lag", at="12:50")], everything),
        ([event("between", project="lag", at="12:25")], "int_events_sessionized stg_raw__event_copies"),
        ([event("after", project="lag", at="13:10")], everything),
    ):
        land(marts.client, marts.settings.raw_database, {"events": events})
        marts.build(models, tests=False)
        marts.forget_old_runs()
    sessions = marts.rows("SELECT session_id, event_count FROM {marts}.fct_sessions WHERE project_id = 'lag'")
    assert [row["event_count"] for row in sessions] == [4]
    ids = marts.rows("SELECT DISTINCT session_id FROM {marts}.fct_events WHERE project_id = 'lag'")
    assert [row["session_id"] for row in ids] == [sessions[0]["session_id"]]


def test_facts_are_of_the_seed_that_stood_as_they_were_built(marts: Marts) -> None:
    """Whose file has changed counts as another one only when it is loaded."""
    models, seed = "+int_events_sessionized", f"{marts.settings.staging_database}.guarded_identifiers"
    land(marts.client, marts.settings.raw_database, {"events": [event("once", project="seeded")]})
    marts.build(models, tests=False)
    marts.client.command(f"INSERT INTO {seed} VALUES ('phone')")
    marts.client.command(f"ALTER TABLE {seed} MODIFY COMMENT 'of an older file'")
    devices = []
    for selected in ("int_events_sessionized", models):
        marts.build(selected, tests=False)
        devices += marts.rows("SELECT device_id FROM {marts}.int_events_sessionized WHERE project_id = 'seeded'")
    assert [row["device_id"] for row in devices] == ["", "phone"]


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ("identities", {"type": "identify", "device_id": "phone", "user_id": "ada"}),
        ("people", {"type": "set", "distinct_id": "ada", "properties": {"plan": "free"}}),
    ],
)
def test_a_copy_is_found_of_what_landed_before_the_kept_ones_were_built_alone(
    marts: Marts, stream: str, message: Mapping[str, Any]
) -> None:
    kept, project = f"stg_raw__{stream}", f"alone with {stream}"
    first, second = (
        {"event_id": name, "timestamp": "2026-03-02T12:00:00Z", "project_id": project, **message}
        for name in ("first", "second")
    )
    for message_landed, models in ((first, f"+{kept}"), (second, kept), (second, f"+{kept}")):
        land(marts.client, marts.settings.raw_database, {stream: [message_landed]})
        marts.build(models, tests=False)
        marts.forget_old_runs()
    rows = marts.rows(f"SELECT event_id FROM {{staging}}.{kept} WHERE project_id = '{project}' ORDER BY event_id")
    assert [row["event_id"] for row in rows] == ["first", "second"]
