"""Event names, nodes and breakdown values are data: thousands of hostile ones at once change no query."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.macros.harness import PROJECT_DIR, Macros, create_events, execute, query

MACROS = Macros()
PIECES = (
    *(
        "'",
        '"',
        "`",
        "\\",
        "\\'",
        "''",
        "\0",
        "\n",
        "--",
        "/*",
        "*/",
        "#",
        ";",
        "$$",
        "$tag$",
        ")",
        "(",
        ",",
        "*",
        "%",
        "?",
    ),
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "\u202e",
        "☃",
        "\U0001d54f",
        "é",
        " ",
        "a",
        "0",
        "or 1=1",
        "properties.a",
        "number(",
        "\\x27",
        "\\u0027",
    ),
    *("drop table fct_events", "{x:String}", "\\N", "null", "\t", "\r", "\x1b", "\ufeff"),
)


def hostile_names(count: int) -> list[str]:
    dice = random.Random(13)
    names = {"".join(dice.choices(PIECES, k=dice.randint(1, 5))) for _ in range(3 * count)}
    return sorted(name for name in names if name.strip() and name != "*")[:count]


NAMES = hostile_names(10_000)
# A query of more names than these in two lists is longer than the engine takes by default.
BATCH = 2_500


@pytest.fixture(scope="module", autouse=True)
def _landed() -> None:
    create_events(
        {
            "event_id": f"{number}-{visit}",
            "event": name,
            "occurred_at": f"2026-01-0{visit} 10:00:00",
            "person_id": f"p{number}",
            "session_id": f"s{number}",
        }
        for number, name in enumerate(NAMES)
        for visit in (1, 2)
    )


@pytest.mark.parametrize(
    ("macro", "arguments", "first_measure"),
    [
        pytest.param("trends", {"event": NAMES, "period": "month"}, "value", id="trends"),
        pytest.param("active_users", {}, "dau", id="active_users"),
        pytest.param("stickiness", {"event": NAMES, "period": "month"}, "persons", id="stickiness"),
        pytest.param(
            "paths", {"start_event": NAMES, "collapse_repeats": False, "top": None}, "transitions", id="paths"
        ),
    ],
)
def test_every_name_comes_back_as_it_went_in(macro: str, arguments: dict[str, Any], first_measure: str) -> None:
    rows = query(MACROS.call(macro, breakdown="event", **arguments))
    counted = {row["breakdown"] for row in rows if int(row[first_measure] or 0) > 0}
    assert counted == set(NAMES)


def test_retention_takes_every_name() -> None:
    for start in range(0, len(NAMES), BATCH):
        batch = NAMES[start : start + BATCH]
        rows = query(MACROS.call("retention", batch, batch, breakdown="event", periods=1))
        assert {row["breakdown"] for row in rows if row["cohort_size"]} == set(batch)


def test_lifecycle_takes_every_name() -> None:
    rows = query(MACROS.call("lifecycle", event=NAMES, period="year"))
    assert [int(row["persons"]) for row in rows if row["status"] == "new"] == [len(NAMES)]


def test_one_name_of_all_can_be_asked_for_alone() -> None:
    for name in NAMES[::1_000]:
        rows = query(MACROS.call("trends", name, measure="persons", period="year"))
        assert [int(row["value"]) for row in rows] == [1], name


def test_a_cohort_takes_every_name() -> None:
    for start in range(0, len(NAMES), BATCH):
        batch = NAMES[start : start + BATCH]
        rows = query(MACROS.call("cohort", "some", {"event": batch, "at_least": 2}))
        assert {row["actor"] for row in rows} == {f"p{start + number}" for number in range(len(batch))}


def test_significance_compares_every_value_with_itself_only() -> None:
    table = "(select 'shop' as project_id, arrayJoin([{}]) as breakdown, 1 as step_number, 7 as entered)"
    for start in range(0, len(NAMES), BATCH):
        funnel = table.format(MACROS.call("string_literals", NAMES[start : start + BATCH]))
        side = {"funnel": funnel, "breakdown": NAMES[start + 1]}
        assert [row["n_a"] for row in query(MACROS.call("significance", side, side))] == [7]
    for name in NAMES:
        side = {"funnel": "funnel", "breakdown": name}
        assert f"where breakdown = {MACROS.call('string_literal', name)}\n" in MACROS.call("significance", side, side)


LITERALS = MACROS.call("string_literals", NAMES)


@pytest.fixture
def _long_queries() -> Iterator[None]:
    """All names in one query, several times."""
    execute("set max_query_size = 100000000")
    yield
    execute("set max_query_size = 262144")


@pytest.mark.usefixtures("_long_queries")
@pytest.mark.parametrize(
    ("macro", "arguments", "measure"),
    [
        pytest.param("funnel_persons", {"steps": [{"event": "*"}]}, "level", id="funnel_persons"),
        pytest.param("retention", {"target": "*", "returning": "*", "periods": 1}, "cohort_size", id="retention"),
        pytest.param("active_users", {"period": "year", "windows": [366]}, "active_366d", id="active_users"),
        pytest.param("lifecycle", {"period": "year"}, "persons", id="lifecycle"),
        pytest.param("stickiness", {"period": "year"}, "persons", id="stickiness"),
        pytest.param("paths", {"per": "person", "collapse_repeats": False, "top": None}, "persons", id="paths"),
        pytest.param("trends", {"event": "*", "measure": "persons", "period": "year"}, "value", id="trends"),
        pytest.param("cohort", {"name": "some", "definition": {"event": "*"}}, None, id="cohort"),
    ],
)
def test_a_condition_on_every_name_means_them_and_no_more(macro: str, arguments: dict[str, Any], measure: Any) -> None:
    """One name of all is not asked for; its person is the one that is missing."""
    where = f"event in ({LITERALS}) and event != {MACROS.call('string_literal', NAMES[0])}"
    rows = query(MACROS.call(macro, where=where, **arguments))
    found = sum(1 if measure in (None, "level") else int(row[measure] or 0) for row in rows)
    assert found == len(NAMES) - 1


@pytest.mark.usefixtures("_long_queries")
def test_every_argument_that_names_events_takes_every_name() -> None:
    excluded = query(MACROS.call("funnel", ["another", {"event": "*"}], exclude=[{"event": NAMES}]))
    assert [int(row["entered"]) for row in excluded] == [0, 0]
    batch = NAMES[:BATCH]
    edges = query(MACROS.call("paths", batch, batch, include=batch, per="person", collapse_repeats=False, top=None))
    assert {(row["source"], row["target"]) for row in edges} == {(name, name) for name in batch}
    assert query(MACROS.call("trends", "*", project_id=NAMES)) == []


def test_a_label_is_written_as_a_literal() -> None:
    """Some of them: a label takes the same way as every literal."""
    some = NAMES[::100]
    for start in range(0, len(some), 4):
        batch = some[start : start + 4]
        sql = MACROS.call("funnel", [{"event": "a", "name": name} for name in batch])
        assert f"[{MACROS.call('string_literals', batch)}][grid.step_number] as step_name" in sql


@pytest.mark.usefixtures("_long_queries")
@pytest.mark.parametrize("model", ["funnels/funnel_purchase", "paths/paths_session", "trends/trends_daily"])
def test_a_variable_with_every_name_stays_a_condition(model: str) -> None:
    """`default_where` of a model; whoever writes it may name any events, and nothing else is asked."""
    macros = Macros({"default_where": f"event not in ({LITERALS})"})
    text = (PROJECT_DIR / "models" / "marts" / f"{model}.sql").read_text()
    rows = query(macros.render(text, config=lambda **_: ""))
    assert not any(row.get("entered", row.get("value", 1)) for row in rows)


def test_a_quoted_name_is_the_name_itself() -> None:
    """As property names of the tracking plan and paths in expressions are quoted."""
    for start in range(0, len(NAMES), 1_000):
        batch = NAMES[start : start + 1_000]
        columns = ", ".join(f"{n} as {MACROS.call('quoted_identifier', name)}" for n, name in enumerate(batch))
        assert list(query(f"select {columns}")[0]) == batch
