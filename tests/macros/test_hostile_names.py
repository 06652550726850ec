"""Event names, nodes and breakdown values are data: thousands of hostile ones at once change no query."""

import random
from typing import Any

import pytest

from tests.macros.harness import Macros, create_events, query

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
