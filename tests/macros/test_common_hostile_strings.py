"""Event names, labels, projects and values are data: no string leaves its literal or changes what is asked."""

import random

import pytest

from tests.macros.harness import Macros, create_events, query

MACROS = Macros()
COUNT = 10_000
BATCH = 2_500
PARTS = (
    "'", "''", "\\", "\\'", "\\\\'", '"', "`", "\0", "\\0", "\n", "\r", "\t", "\b", "\x1a", "\x7f", ";", "--", "-- ",
    "#", "/*", "*/", "{{", "}}", "{{ 1/0 }}", "{%", "%}", "{% raw %}", "{#", "#}", "$$", "$x$", "%s", "%(x)s",
    "{x:String}",
    ":x", "?", "@", "()", ")", "(", "]", "' or 1=1 --", "'); drop table fct_events; --",
    "union all select", "properties.a",
    "number(properties.a)", "in_cohort('x')", "*", "select", "null", "é", "ß", "漢字", "\u202e", "\u2028", "\ufeff",
    "\U0001f600", "\u0301", " ", "a", "Z", "0", "x41", "\\x41", "\\u0041", "\\N", "NULL", "\u0000\u0000",
)  # fmt: skip


def hostile_strings(seed: int) -> list[str]:
    """Distinct, never blank."""
    dice = random.Random(seed)
    found: dict[str, None] = {part: None for part in PARTS if part.strip()}
    while len(found) < COUNT:
        text = "".join(dice.choice(PARTS) for _ in range(dice.randint(1, 6)))
        if dice.random() < 0.2:
            text += "".join(chr(dice.choice((dice.randrange(1, 128), dice.randrange(128, 0xD800)))) for _ in range(3))
        if text.strip():
            found[text] = None
    return list(found)


STRINGS = hostile_strings(5)


@pytest.fixture(scope="module", autouse=True)
def _one_person_for_each_string() -> None:
    create_events(
        {
            "event_id": str(number),
            "event": text,
            "occurred_at": "2026-01-01 00:00:00",
            "person_id": f"p{number}",
            "properties": {"a": text},
        }
        for number, text in enumerate(STRINGS)
    )


def test_a_literal_is_the_text_itself() -> None:
    sql = f"select arrayJoin([{MACROS.call('string_literals', STRINGS)}]) as text"
    assert [row["text"] for row in query(sql)] == STRINGS


@pytest.mark.parametrize("macro", ["funnel", "funnel_persons", "funnel_trend"])
def test_a_step_finds_the_events_of_its_names_and_no_others(macro: str) -> None:
    for start in range(0, COUNT, BATCH):
        batch = STRINGS[start : start + BATCH]
        rows = query(MACROS.call(macro, [batch, "another"]))
        if macro == "funnel_persons":
            assert {row["actor"] for row in rows} == {f"p{number}" for number in range(start, start + len(batch))}
        else:
            assert [row["entered"] for row in sorted(rows, key=lambda row: row["step_number"])] == [len(batch), 0]


def test_a_breakdown_by_hostile_values_shows_each_once() -> None:
    rows = query(MACROS.call("funnel", [{"event": "*"}], breakdown="properties.a"))
    assert {row["breakdown"]: row["entered"] for row in rows} == dict.fromkeys(STRINGS, 1)


def test_a_condition_on_hostile_literals_means_them() -> None:
    for start in range(0, COUNT, BATCH):
        literals = MACROS.call("string_literals", STRINGS[start : start + BATCH])
        rows = query(MACROS.call("funnel", [{"event": "*"}], where=f"properties.a in ({literals})"))
        assert rows[0]["entered"] == len(STRINGS[start : start + BATCH])


def test_a_label_and_a_project_are_shown_as_they_are() -> None:
    for start in range(0, 24, 8):
        batch = STRINGS[start : start + 8]
        steps = [{"event": "a", "name": text} for text in batch]
        rows = query(MACROS.call("funnel", steps, project_id=batch[:3]))
        labels = {(row["project_id"], row["step_number"]): row["step_name"] for row in rows}
        assert labels == {(project, n): text for project in batch[:3] for n, text in enumerate(batch, start=1)}
