"""Persons are looked up by key, and where they count: no query reads the dictionary from end to end."""

from typing import Any

import pytest

from tests.macros.harness import Macros, create_events, query

MACROS = Macros(persons_have_names=False)
READS_ALL = "dictGet(person_lookup, 'person', identifier_key) != 0"
ALL_OF_A_DICTIONARY = "table_function_name: dictionary"


def rewritten(sql: str) -> str:
    """The query as the engine rewrites it."""
    rows = query(f"explain query tree run_passes = 1 select * from {sql}")
    return "\n".join(str(row["explain"]) for row in rows)


@pytest.fixture(scope="module", autouse=True)
def _landed() -> None:
    create_events([{"event_id": "1", "event": "a", "occurred_at": "2026-01-01 10:00:00", "person_id": "x"}])


@pytest.mark.parametrize(
    ("macro", "arguments"),
    [
        pytest.param("funnel", {"steps": ["a", "b"]}, id="funnel"),
        pytest.param("funnel_persons", {"steps": ["a", "b"]}, id="funnel_persons"),
        pytest.param("retention", {"target": "a", "returning": "b"}, id="retention"),
        pytest.param("active_users", {}, id="active_users"),
        pytest.param("lifecycle", {}, id="lifecycle"),
        pytest.param("stickiness", {}, id="stickiness"),
        pytest.param("paths", {}, id="paths"),
        pytest.param("paths", {"per": "person"}, id="paths of persons"),
        pytest.param("trends", {"event": "a", "measure": "persons"}, id="trends"),
        pytest.param("cohort", {"name": "some", "definition": "a"}, id="cohort"),
    ],
)
def test_no_query_reads_all_persons(macro: str, arguments: dict[str, Any]) -> None:
    assert ALL_OF_A_DICTIONARY not in rewritten(MACROS.call(macro, **arguments))


@pytest.mark.parametrize(("macro", "arguments"), [("funnel", {"steps": ["a", "b"]}), ("trends", {"event": "a"})])
def test_the_facts_by_name_are_asked_as_the_facts_by_default(macro: str, arguments: dict[str, Any]) -> None:
    assert MACROS.call(macro, events="fct_events", **arguments) == MACROS.call(macro, **arguments)


@pytest.mark.parametrize("measure", ["total", "sessions", "sum(number(properties.value))"])
def test_trends_look_up_nobody_where_no_persons_are_counted(measure: str) -> None:
    sql = [MACROS.call("trends", event="a", measure=one) for one in (measure, "persons")]
    assert ["dictGet" in each for each in sql] == [False, True]


def test_a_comparison_with_a_constant_would() -> None:
    """What `optimize_inverse_dictionary_lookup` makes of it, and what the test above looks for."""
    assert ALL_OF_A_DICTIONARY in rewritten(f"(select event from fct_events where {READS_ALL})")
