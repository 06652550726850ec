"""A wrong argument is a compiler error that names the macro, the argument, the value and what is allowed."""

from typing import Any

import pytest

from tests.macros.harness import Macros, RaisedByMacroError

MACROS = Macros()
FUNNELS = ("funnel", "funnel_persons", "funnel_trend")


def message(macro: str, **arguments: Any) -> str:
    with pytest.raises(RaisedByMacroError) as raised:
        MACROS.call(macro, **{"steps": ["a", "b", "c"], **arguments})
    return str(raised.value)


@pytest.mark.parametrize("macro", FUNNELS)
@pytest.mark.parametrize(
    ("argument", "value", "allowed"),
    [
        pytest.param("steps", None, "a list of 1 or more steps", id="no steps"),
        pytest.param("steps", "a", "a list of 1 or more steps", id="a text for steps"),
        pytest.param("steps", [], "a list of 1 or more steps", id="empty steps"),
        pytest.param("window", "7", "such as '7 days'", id="a window without a unit"),
        pytest.param("window", "1 month", "such as '7 days'", id="a window of no fixed length"),
        pytest.param("window", "0 days", "such as '7 days'", id="an empty window"),
        pytest.param("window", 7, "such as '7 days'", id="a number for a window"),
        pytest.param("order", "random", "one of ordered, strict, any", id="order"),
        pytest.param("ties", "none", "one of any, strict", id="ties"),
        pytest.param("entry", "last", "one of best, first", id="entry"),
        pytest.param("exclusion", "cut", "one of void, stop", id="exclusion"),
        pytest.param("count", "users", "one of persons, sessions, totals", id="count"),
        pytest.param("optional", [1], "never the first or the last of 3 steps", id="an optional first step"),
        pytest.param("optional", [3], "never the first or the last of 3 steps", id="an optional last step"),
        pytest.param("optional", 2, "a list of step numbers", id="a number for optional"),
        pytest.param("exclude", ["x"], "1 <= i < j <= 3", id="an exclusion without steps"),
        pytest.param(
            "exclude", [{"event": "x", "from_step": 2, "to_step": 2}], "1 <= i < j <= 3", id="an empty stretch"
        ),
        pytest.param("exclude", [{"event": "x", "to_step": 4}], "1 <= i < j <= 3", id="a stretch past the end"),
        pytest.param("exclude", [{"event": "x", "until": 2}], "'event': name", id="an unknown key of an exclusion"),
        pytest.param("hold_constant", [""], "list of texts", id="an empty held property"),
        pytest.param("attribution", "first_touch", "only together with `breakdown`", id="attribution of nothing"),
        pytest.param("dialect", "excel", "one of mixpanel, amplitude, posthog", id="dialect"),
        pytest.param("project_id", 7, "a text or a non-empty list of texts", id="project"),
        pytest.param("project_id", [], "a text or a non-empty list of texts", id="no project"),
        pytest.param("start", "yesterday", "a date or timestamp", id="start"),
        pytest.param("start", "2026-02-29", "a date or timestamp", id="a day that is not there"),
        pytest.param("start", "1969-12-31", "of the years 1970 to 2105", id="a start before all dates"),
        pytest.param("end", "2200-01-01 00:00:00", "of the years 1970 to 2105", id="an end after all dates"),
        pytest.param("end", "2026-01-01T00:00:00Z", "it is read in `timezone`", id="an end with a zone"),
        pytest.param("timezone", "Berlin", "an IANA time zone", id="timezone"),
        pytest.param("week_start", "friday", "one of monday, sunday", id="week start"),
        pytest.param("where", "", "a non-empty SQL expression", id="an empty condition"),
        pytest.param("where", "event = 'x", "quotes and comments are closed", id="an open quote"),
        pytest.param("breakdown", [], "an expression or a list of them", id="no breakdown"),
        pytest.param("breakdown_limit", 3, "only together with `breakdown`", id="a limit of nothing"),
        pytest.param("colour", "red", "no such argument", id="an unknown argument"),
    ],
)
def test_a_wrong_argument_names_itself(macro: str, argument: str, value: Any, allowed: str) -> None:
    text = message(macro, **{argument: value})
    assert text.startswith(f"{macro}(): argument `{argument}")
    assert allowed in text
    if isinstance(value, str):
        assert value in text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param({"steps": ["a", ""]}, "steps[2]", id="an empty name"),
        pytest.param({"steps": ["a", {"where": "1"}]}, "steps[2]", id="a step without an event"),
        pytest.param({"steps": ["a", {"event": "b", "wher": "1"}]}, "steps[2]", id="an unknown key"),
        pytest.param({"steps": [{"event": "b", "first_time": "yes"}]}, "steps[1].first_time", id="first_time"),
        pytest.param({"steps": [{"event": "b", "where": "'"}]}, "steps[1].where", id="a step's condition"),
        pytest.param({"breakdown": "event", "breakdown_limit": 0}, "breakdown_limit", id="a limit of none"),
        pytest.param({"breakdown": "event", "breakdown_limit": True}, "breakdown_limit", id="a flag for a limit"),
        pytest.param({"breakdown": "event", "attribution": "step_4"}, "attribution", id="a step that is not there"),
        pytest.param({"breakdown": "event", "attribution": "median"}, "attribution", id="an unknown attribution"),
        pytest.param({"steps": ["a"] * 33}, "steps", id="too many steps"),
        pytest.param(
            {"steps": ["a"] * 21, "breakdown": "event", "attribution": "step_2", "breakdown_limit": 2},
            "steps",
            id="too many steps to walk twice",
        ),
        pytest.param({"order": "any", "exclude": [{"event": "x"}]}, "exclude", id="any order with exclusions"),
        pytest.param({"order": "any", "entry": "first"}, "entry", id="any order with an entry"),
        pytest.param({"order": "any", "optional": [2]}, "optional", id="any order with optional steps"),
        pytest.param(
            {"order": "any", "breakdown": "event", "attribution": "step_1"}, "attribution", id="any order, a bound step"
        ),
    ],
)
def test_a_wrong_part_of_an_argument_names_itself(arguments: dict[str, Any], named: str) -> None:
    assert f"funnel(): argument `{named}`" in message("funnel", **arguments)


@pytest.mark.parametrize(
    ("start", "end", "is_range"),
    [
        pytest.param("2026-01-02", "2026-01-01", False, id="days"),
        pytest.param("2026-01-01 00:00:00.001", "2026-01-01", False, id="a millisecond"),
        pytest.param("2026-01-01T09:30:00.0", "2026-01-01 09:30", True, id="one time in two forms"),
        pytest.param("2026-01-01", "2026-01-01 00:00:00", True, id="nothing"),
    ],
)
def test_a_start_later_than_the_end_is_no_range(start: str, end: str, is_range: bool) -> None:
    if is_range:
        assert MACROS.call("trends", "a", start=start, end=end)
        return
    text = message("funnel", start=start, end=end)
    assert text == f'funnel(): argument `start` is "{start}"; allowed: nothing later than `end`, which is {end}.'


def test_a_trend_names_the_periods() -> None:
    assert "one of minute, hour, day, week, month, quarter, year" in message("funnel_trend", period="fortnight")


@pytest.mark.parametrize(
    ("dialect", "same"),
    [
        pytest.param("mixpanel", {"window": "7 days", "entry": "first", "exclusion": "stop"}, id="mixpanel"),
        pytest.param("amplitude", {"window": "1 day", "entry": "best"}, id="amplitude"),
        pytest.param("posthog", {"window": "14 days", "exclusion": "void"}, id="posthog"),
    ],
)
def test_a_dialect_is_a_set_of_defaults_and_an_argument_wins(dialect: str, same: dict[str, Any]) -> None:
    assert MACROS.call("funnel", ["a", "b"], dialect=dialect) == MACROS.call("funnel", ["a", "b"], **same)
    given = {"window": "1 hour", "entry": "best", "exclusion": "stop"}
    assert MACROS.call("funnel", ["a"], dialect=dialect, **given) == MACROS.call("funnel", ["a"], **given)


def test_a_dialect_works_in_any_order() -> None:
    assert MACROS.call("funnel", ["a", "b"], order="any", dialect="mixpanel")
