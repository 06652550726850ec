"""A run finds the rows that it closes by their places, which a merge of the engine changes."""

import pytest

from tests.scenarios.conftest import Marts
from tests.scenarios.records import event
from tests.support.landing import land

MODELS = ("--select", "+fct_events", "+fct_sessions")


@pytest.mark.parametrize(
    "model",
    [
        pytest.param("int_events_sessionized", id="of a model that says which rows"),
        pytest.param("person_ids", id="of a model that compares"),
    ],
)
def test_rows_are_closed_though_they_were_merged_since_they_were_found(marts: Marts, model: str) -> None:
    project = f"merged {model}"
    apart = [event(project, f"at {minute}", 2, minute=minute, device_id="phone") for minute in (0, 50)]
    land(marts.client, marts.settings.raw_database, {"events": apart})
    marts.builder.build(*MODELS)
    between = event(project, "at 25", 2, minute=25, device_id="phone", user_id="ada")
    land(marts.client, marts.settings.raw_database, {"events": [between]})
    table = f"`{marts.settings.marts_database}`.`{model}_data`"
    with marts.builder.held_up(rf"alter table {table}\s+update closed", *MODELS):
        marts.client.command(f"OPTIMIZE TABLE {table} FINAL")
    [found] = marts.rows(f"""
        SELECT count() AS events, uniqExact(session_id) AS sessions, uniqExact(person_id) AS persons
        FROM {{marts}}.fct_events WHERE project_id = '{project}'
    """)
    assert found == {"events": 3, "sessions": 1, "persons": 1}
    [standing] = marts.rows(f"SELECT count() AS persons FROM {{marts}}.person_ids WHERE project_id = '{project}'")
    assert standing["persons"] == 2
