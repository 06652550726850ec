"""Whether all who were asked answered the same."""

from collections.abc import Mapping
from typing import Any

from measure import Result

# What is compared of a macro's answer; the others answer in these columns.
COLUMNS = {
    "funnel": ("step_number", "entered"),
    "retention": ("cohort_start", "period_number", "returned"),
    "active_users": ("period_start", "dau", "wau", "mau"),
}
# The macro's question, and who answers it otherwise, by name.
MACROS = {"funnel": "funnel", "retention": "retention, weekly", "active_users": "active users from events"}
OTHERS = {
    "funnel": ("funnel by self-join", "funnel in DuckDB", "funnel in Polars"),
    "retention": ("retention by self-join", "retention in DuckDB", "retention in Polars"),
    "active_users": ("active users from days", "active_users in DuckDB", "active_users in Polars"),
}
# What the name of an answer ends with that is of some of the people.
OF_A_SAMPLE = ", of a sample"


def assert_same_answers(results: Mapping[str, Result], sampled: Mapping[str, Result]) -> None:
    """Raise where one who answered differs from the macro over the same people."""
    for question, names in OTHERS.items():
        for name in names:
            if name in results:
                compare(question, results[MACROS[question]], results[name])
            if name + OF_A_SAMPLE in results:
                compare(question, sampled[question], results[name + OF_A_SAMPLE])


def compare(question: str, macro: Result, other: Result) -> None:
    if other.failure or macro.failure:
        return
    expected, found = shown(question, macro), shown(question, other)
    if expected != found:
        differing = [pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1]]
        raise SystemExit(f"{other.name} answers otherwise than the macro: {differing[:3]}")


def shown(question: str, one: Result) -> list[list[Any]]:
    """The cells that hold somebody, in order: not everybody answers with empty ones."""
    places = [one.columns.index(name) for name in COLUMNS[question]] if one.columns else range(len(COLUMNS[question]))
    rows = [[row[place] for place in places] for row in one.answer]
    return sorted([str(row[0]), *map(int, row[1:])] for row in rows if row[-1])
