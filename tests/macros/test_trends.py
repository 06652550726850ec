"""`trends` equals collecting each period's events and measuring them."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest

from local.oracle.behaviour import Deed, Range, Step, keep_largest
from local.oracle.calendar import Calendar, to_datetime, to_ms
from local.oracle.trends import measured, trends
from tests.macros.behaviour_worlds import World, is_human, make_world, plan_of
from tests.macros.harness import Macros, RaisedByMacroError, create_events, query

MACROS = Macros()
BERLIN = Calendar("Europe/Berlin")
VISITS = Step(("visit", "order"))
COUNTS = ("total", "persons", "sessions", "per_person")
NUMBERS = ("sum", "avg", "min", "max", "median", "p90", "p95", "p99")

Cells = dict[tuple[str, str, str], Any]


def ask(**arguments: Any) -> Cells:
    """Values to nine digits: the order of a sum is not promised."""
    sql = MACROS.call("trends", ["visit", "order"], timezone="Europe/Berlin", **arguments)
    return {(row["project_id"], row["breakdown"], row["period_start"]): rounded(row["value"]) for row in query(sql)}


def brute_force(deeds: list[Deed], measure: str, span: Range | None = None, **question: Any) -> Cells:
    found = trends(deeds, VISITS, measure, span=span or Range(calendar=BERLIN), **question)
    return {(project, value, str(start)): rounded(cell) for (project, value, start), cell in found.items()}


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


@pytest.fixture(name="world")
def landed_world() -> World:
    world = make_world(10, first_day="2026-03-05", edges=("2026-03-28T23:00", "2026-03-29T01:00"))
    world.land()
    return world


@pytest.mark.parametrize("period", ["day", "week", "month"])
@pytest.mark.parametrize("measure", [*COUNTS, *NUMBERS])
def test_every_cell_equals_brute_force(world: World, measure: str, period: str) -> None:
    asked = f"{measure}(properties.value)" if measure in NUMBERS else measure
    assert ask(measure=asked, period=period) == brute_force(world.deeds(), measure, period=period)


@pytest.mark.parametrize("measure", ["total", "persons", "avg", "max"])
def test_breakdowns_and_conditions_are_taken_as_asked(world: World, measure: str) -> None:
    asked = f"{measure}(number(properties.value))" if measure in NUMBERS else measure
    found = ask(measure=asked, breakdown="properties.plan", where="not is_bot")
    deeds = world.deeds(where=is_human, breakdown=plan_of)
    assert found == brute_force(deeds, measure, all_deeds=world.deeds())


@pytest.mark.parametrize("breakdown", [None, "event"])
@pytest.mark.parametrize("changes_at", ["2026-04-04T15:00", "2026-10-03T15:30"], ids=["back", "forward"])
def test_hours_go_on_after_a_clock_has_changed_by_half_an_hour(changes_at: str, breakdown: str | None) -> None:
    calendar = Calendar("Australia/Lord_Howe")
    change = to_ms(datetime.fromisoformat(changes_at).replace(tzinfo=UTC))
    times = [change + minutes * 60_000 for minutes in range(-200, 320, 52)]
    create_events(
        {"event_id": str(at_ms), "event": "visit", "occurred_at": str(to_datetime(at_ms))[:19], "person_id": "p"}
        for at_ms in times
    )
    sql = MACROS.call("trends", "visit", period="hour", timezone=calendar.timezone, breakdown=breakdown)
    rows = query(f"select toString(toTimeZone(period_start, 'UTC')) as start, value from {sql}")
    hours = [str(calendar.start_of(at_ms, "hour")).removesuffix("+00:00") for at_ms in times]
    assert {row["start"]: row["value"] for row in rows if row["value"]} == Counter(hours)
    grid = [str(start).removesuffix("+00:00") for start in calendar.grid(times[0], times[-1], "hour")]
    assert [row["start"] for row in rows] == grid


@pytest.mark.parametrize("measure", ["total", "persons", "avg"])
def test_values_beyond_the_limit_are_computed_again_as_other(world: World, measure: str) -> None:
    deeds = world.deeds(breakdown=plan_of)
    by_value: dict[tuple[str, str], list[Deed]] = defaultdict(list)
    for deed in VISITS.matching(deeds):
        by_value[deed.project_id, deed.breakdown].append(deed)
    sizes = {key: measured(found, measure) or 0 for key, found in by_value.items()}
    asked = "avg(properties.value)" if measure == "avg" else measure
    found = ask(measure=asked, breakdown="properties.plan", breakdown_limit=2)
    assert found == brute_force(keep_largest(deeds, sizes, 2), measure)


def test_the_range_is_half_open_and_its_grid_is_full(world: World) -> None:
    span = Range("2026-02-20", "2026-04-01 09:30", BERLIN)
    assert ask(start=span.start, end=span.end) == brute_force(world.deeds(), "total", span=span)


@pytest.mark.parametrize("breakdown", [None, "properties.plan"])
@pytest.mark.parametrize("period", ["day", "week"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, None),
        ("2026-03-20 10:30", None),
        (None, "2026-03-25"),
        ("2026-02-20", "2026-04-01"),
        ("2027-01-01", None),
        (None, "2020-01-01"),
    ],
)
def test_periods_of_all_events_are_those_of_the_range(
    world: World, start: str | None, end: str | None, period: str, breakdown: str | None
) -> None:
    asked = MACROS.call(
        "trends", "*", timezone="Europe/Berlin", period=period, start=start, end=end, breakdown=breakdown
    )
    found = {(row["project_id"], row["breakdown"], row["period_start"]): row["value"] for row in query(asked)}
    deeds = world.deeds(breakdown=plan_of) if breakdown else world.deeds()
    told = trends(deeds, Step(), period=period, span=Range(start, end, BERLIN))
    assert found == {(project, value, str(start)): cell for (project, value, start), cell in told.items()}
    # A range with both ends has periods in which nothing happened: then the events are asked which projects there are.
    assert asked.count("fct_events") == (1 if start is None or end is None else 2)


def test_what_is_no_number_does_not_count() -> None:
    values: list[Any] = [1, 2.5, "3", "many", "nan", True, None, {"a": 1}, [4]]
    create_events(
        [
            {
                "event_id": str(number),
                "event": "visit",
                "occurred_at": "2026-01-01 10:00:00",
                "person_id": "x",
                "properties": {"mixed": value},
            }
            for number, value in enumerate(values)
        ]
    )
    assert list(ask(measure="sum(properties.mixed)").values()) == [6.5]
    assert list(ask(measure="min(properties.mixed)").values()) == [1]


def test_several_measures_are_answered_as_each_alone(world: World) -> None:
    asked = ["total", "persons", "avg(properties.value)", "p90(properties.value)"]
    rows = query(
        MACROS.call("trends", ["visit", "order"], asked, timezone="Europe/Berlin", breakdown="properties.plan",
                    breakdown_limit=2)
    )  # fmt: skip
    deeds = world.deeds(breakdown=plan_of)
    sizes: dict[tuple[str, str], float] = defaultdict(float)
    for deed in VISITS.matching(deeds):
        sizes[deed.project_id, deed.breakdown] += 1
    for name in asked:
        found = {
            (row["project_id"], row["breakdown"], row["period_start"]): rounded(row["value"])
            for row in rows
            if row["measure"] == name
        }
        assert found == brute_force(keep_largest(deeds, sizes, 2), name.split("(")[0])


@pytest.mark.parametrize("measure", ["mean", "sum", "sum()", "total(x)", "p91(properties.value)", "", 3])
def test_a_wrong_measure_is_named(measure: Any) -> None:
    with pytest.raises(RaisedByMacroError, match=r"trends\(\): argument `measure` is .*; allowed: total, persons"):
        ask(measure=measure)
