"""Views and dictionaries are made anew only when what they are made of has changed; dictionaries are loaded by then."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scenarios.conftest import Marts
from tests.scenarios.records import BOT, event
from tests.support.landing import land

RULES = {"browser_rules", "os_rules", "device_rules"}
AGENTS = "user_agent_lookup"
MODELS = "+fct_events +events_live mart_status"
IPAD = {"user_agent": "Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X)"}


def standing(marts: Marts) -> Mapping[str, str]:
    """Which object each name of a view or dictionary stands for."""
    found = marts.rows(
        "SELECT name, toString(uuid) AS uuid FROM system.tables WHERE database IN ('{staging}', '{marts}')"
        " AND engine IN ('View', 'Dictionary') AND NOT match(name, 'person_(segment_)?lookup')"
    )
    return {row["name"]: row["uuid"] for row in found}


def build_with(marts: Marts, event_id: str, properties: Mapping[str, Any]) -> Mapping[str, str]:
    events = [event("agents", event_id, 1, device_id="someone", properties=properties)]
    land(marts.client, marts.settings.raw_database, {"events": events})
    marts.build(MODELS, tests=False)
    return standing(marts)


def others(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name, uuid in before.items() if uuid != after[name]}


@pytest.fixture(name="built", scope="module")
def built_twice(marts: Marts) -> Mapping[str, str]:
    """What stands after the second run: the first could not know the offsets that `events_live` has written out."""
    build_with(marts, "first", BOT)
    return build_with(marts, "second", BOT)


def test_a_run_makes_nothing_anew_that_is_the_same(marts: Marts, built: Mapping[str, str]) -> None:
    assert {"fct_events", "events_live", "live_records", "mart_status", AGENTS, *RULES} <= built.keys()
    assert others(built, build_with(marts, "third", BOT)) == set()


def test_a_dictionary_is_made_anew_when_its_rows_changed(marts: Marts, built: Mapping[str, str]) -> None:
    after = build_with(marts, "by tablet", IPAD)
    assert others(built, after) == {AGENTS}
    [ipad] = marts.rows(
        f"SELECT dictGet('{{marts}}.{AGENTS}', 'device_model', cityHash64('{IPAD['user_agent']}')) AS model"
    )
    assert ipad == {"model": "iPad"}

    # A release of the rules that says less.
    marts.client.command(
        f"DELETE FROM {marts.settings.staging_database}.stg_user_agents__rules WHERE kind = 'os' AND id > 10"
    )
    marts.build("os_rules", tests=False)
    assert others(after, standing(marts)) == {"os_rules"}


@pytest.mark.usefixtures("built")
def test_a_dictionary_is_loaded_by_the_run(marts: Marts) -> None:
    marts.client.command(f"SYSTEM UNLOAD DICTIONARY {marts.settings.marts_database}.{AGENTS}")
    build_with(marts, "after a start", BOT)
    found = marts.rows(
        "SELECT name FROM system.dictionaries WHERE database IN ('{staging}', '{marts}') AND status = 'LOADED'"
    )
    assert {AGENTS, *RULES} <= {row["name"] for row in found}


@pytest.mark.usefixtures("built")
def test_a_view_is_made_anew_when_a_column_of_what_it_reads_changed(marts: Marts) -> None:
    before = standing(marts)
    table = f"{marts.settings.marts_database}.int_events_sessionized_data"
    marts.client.command(f"ALTER TABLE {table} ADD COLUMN weather String")
    marts.build("fct_events", tests=False)
    assert others(before, standing(marts)) == {"fct_events"}
    marts.client.command(f"ALTER TABLE {table} DROP COLUMN weather")
