"""What a model keeps by person has to follow from that person's events, or it would not be built anew in time."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.macros.behaviour_worlds import make_world
from tests.macros.harness import Macros, RaisedByMacroError, execute, query

MACROS = Macros()
# A batch builds anew the rows of everybody.
IN_A_BATCH = """
{% macro is_incremental_build() %}{{ return(true) }}{% endmacro %}
{% macro working_table(name) %}{{ return(name) }}{% endmacro %}
{% macro identifiers_of_dirty_persons() %}{{ return(none) }}{% endmacro %}
"""
STEPS = {"steps": ["a", "b"]}


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        pytest.param("events", {"events": "other_events"}, id="events of the caller's own"),
        pytest.param("actor", {"actor": "properties.account"}, id="another actor"),
        pytest.param("breakdown_limit", {"breakdown": "event", "breakdown_limit": 3}, id="the largest values only"),
        pytest.param("person", {"where": "person.plan = 'paid'"}, id="a property of persons"),
        pytest.param("in_cohort", {"where": "in_cohort('buyers')"}, id="a cohort"),
    ],
)
@pytest.mark.parametrize(("macro", "own"), [("kept_funnel", STEPS), ("kept_path_edges", {})])
def test_rows_that_follow_from_more_than_a_persons_events_are_not_kept(
    macro: str, own: Mapping[str, Any], argument: str, arguments: Mapping[str, Any]
) -> None:
    with pytest.raises(RaisedByMacroError) as raised:
        MACROS.call(macro, {**own, **arguments})
    assert f"{macro}(): argument `{argument}`" in str(raised.value)
    assert "rows are kept by person" in str(raised.value)


@pytest.mark.parametrize("count", ["sessions", "totals"])
def test_a_funnel_that_is_kept_has_one_path_a_person(count: str) -> None:
    with pytest.raises(RaisedByMacroError, match="one of persons"):
        MACROS.call("kept_funnel", {**STEPS, "count": count})


def test_an_edge_has_no_other_arguments_than_paths() -> None:
    with pytest.raises(RaisedByMacroError, match="no such argument"):
        MACROS.call("kept_path_edges", {"window": "7 days"})


def test_rows_of_other_arguments_are_not_counted() -> None:
    kept, asked = {**STEPS, "window": "7 days"}, {**STEPS, "window": "1 day", "order": None}
    with pytest.raises(RaisedByMacroError) as raised:
        MACROS.call("check_definition", "funnel", "int_kept", kept, asked)
    assert 'funnel(): argument `kept_by` is "int_kept"' in str(raised.value)
    assert "'window': '1 day'" in str(raised.value)
    assert "this one keeps those of" in str(raised.value)


def test_arguments_that_are_defaults_are_no_other_ones() -> None:
    MACROS.call("check_definition", "paths", "int_kept", {"where": "a"}, {"where": "a", "depth": 5}, {"depth": 5})


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="of sessions"),
        pytest.param({"per": "person", "collapse_repeats": False}, id="of persons"),
        pytest.param({"per": "36 hours", "breakdown": "properties.plan"}, id="cut by a gap, with a breakdown"),
        pytest.param(
            {"start_event": "visit", "end_event": ["order", "refund"], "include": ["visit", "signup"], "depth": 80},
            id="from and to named events",
        ),
        pytest.param({"step": "properties.plan", "where": "event != 'visit'"}, id="of a property, of some events"),
    ],
)
def test_edges_of_what_a_batch_prepares_are_those_of_the_events(arguments: Mapping[str, Any]) -> None:
    make_world(12, first_day="2026-03-05", days=25).land()
    batch = Macros()
    batch.define(IN_A_BATCH)
    execute(f"create or replace table path_events engine = Memory as {batch.call('kept_path_events', arguments)}")
    of_batch = batch.call("kept_path_edges", arguments)
    assert "from path_events" in " ".join(of_batch.split())
    assert edges(of_batch) == edges(MACROS.call("kept_path_edges", arguments)) != []
    assert MACROS.call("kept_path_events", arguments).strip() == ""


def edges(sql: str) -> list[Any]:
    return sorted(
        (
            row["project_id"],
            row["person_id"],
            row["breakdown"],
            sorted(zip(row["edges"], row["milliseconds"], strict=True)),
        )
        for row in query(sql)
    )
