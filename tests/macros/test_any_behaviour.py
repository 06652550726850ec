"""Combinations of arguments that nobody thought of, for all macros but the funnel: hypothesis draws, oracles answer.

Worlds lie around a clock change or a leap day of five zones; people have several identifiers, values are of any type.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.oracle.behaviour import Deed, Range, Step
from local.oracle.calendar import Calendar
from local.oracle.engagement import active_users, lifecycle, stickiness
from local.oracle.paths import PathsQuestion, paths
from local.oracle.retention import RetentionQuestion, retention
from local.oracle.trends import trends
from tests.macros.behaviour_worlds import World, is_human, make_world, plan_of
from tests.macros.harness import Macros, query

MACROS = Macros()
EXAMPLES = int(os.environ.get("EXACTNESS_EXAMPLES", "4" if "EXACTNESS_PEOPLE" in os.environ else "2"))
HOUR_MS = 3_600_000
NUMBERS = ("sum", "avg", "min", "max", "median", "p90", "p95", "p99")
COUNTS = ("total", "persons", "sessions", "per_person")
drawn = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A calendar, and a range in it that begins and ends within a day."""

    calendar: Calendar
    first_day: str
    edges: tuple[str, ...]
    within: tuple[str, str]


PLACES = {
    "a leap day": Place(
        Calendar(), "2024-02-20", ("2024-02-29T00:00", "2024-03-01T00:00"), ("2024-02-28", "2024-03-02"),
    ),
    "Berlin springs forward": Place(
        Calendar("Europe/Berlin"), "2026-03-15", ("2026-03-29T01:00", "2026-03-28T23:00"),
        ("2026-03-28 12:30", "2026-04-02"),
    ),
    "New York falls back": Place(
        Calendar("America/New_York", "sunday"), "2026-10-20", ("2026-11-01T06:00", "2026-11-01T04:00"),
        ("2026-10-30", "2026-11-04 06:00"),
    ),
    "a day without midnight": Place(
        Calendar("America/Sao_Paulo", "sunday"), "2018-10-25", ("2018-11-04T03:00",), ("2018-11-03", "2018-11-20"),
    ),
    "an odd offset at new year": Place(
        Calendar("Asia/Kathmandu"), "2025-12-20", ("2025-12-31T18:15",), ("2025-12-30", "2026-01-03"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What all macros are asked, as their arguments and as the oracles' events and range."""

    given: Mapping[str, Any]
    span: Range
    deeds: list[Deed]
    all_deeds: list[Deed]


@pytest.fixture(scope="module", name="here", params=PLACES.values(), ids=list(PLACES))
def landed_place(request: pytest.FixtureRequest) -> tuple[Place, World]:
    place: Place = request.param
    world = make_world(31, first_day=place.first_day, days=25, people=60, edges=place.edges)
    world.land()
    return place, world


def asked_by(data: st.DataObject, here: tuple[Place, World]) -> Asked:
    place, world = here
    is_bounded, is_filtered, is_broken_down = (data.draw(st.booleans()) for _ in range(3))
    actor = data.draw(st.sampled_from(["person_id", "person_id", "user_id"]))
    arguments: dict[str, Any] = {
        "timezone": place.calendar.timezone, "week_start": place.calendar.week_start, "actor": actor,
    }  # fmt: skip
    if is_bounded:
        arguments |= {"start": place.within[0], "end": place.within[1]}
    if is_filtered:
        arguments["where"] = "not is_bot"
    if is_broken_down:
        arguments["breakdown"] = "properties.plan"
    deeds = world.deeds(
        where=is_human if is_filtered else lambda _: True,
        breakdown=plan_of if is_broken_down else lambda _: "",
        actor=actor,
    )
    span = Range(*place.within, place.calendar) if is_bounded else Range(calendar=place.calendar)
    return Asked(arguments, span, deeds, world.deeds())


def answered(
    macro: str, asked: Asked, keys: str, *, cells: str, **named: Any
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows by their keys; 64-bit integers come as texts."""
    rows = query(MACROS.call(macro, **{**asked.given, **named}))
    return {tuple(row[key] for key in keys.split()): tuple(plain(row[cell]) for cell in cells.split()) for row in rows}


def plain(cell: Any) -> Any:
    if isinstance(cell, str) and cell.isdigit():
        return int(cell)
    return round(cell, 9) if isinstance(cell, float) else cell


@drawn
@given(data=st.data())
def test_any_retention_equals_brute_force(here: tuple[Place, World], data: st.DataObject) -> None:
    asked = asked_by(data, here)
    named: dict[str, Any] = {
        "cohort": data.draw(st.sampled_from(["first_time", "first_ever", "recurring"])),
        "kind": data.draw(st.sampled_from(["on", "on_or_after", "on_or_before", "streak"])),
        "measure": data.draw(st.sampled_from(["calendar", "rolling"])),
        "period": data.draw(st.sampled_from(["day", "week", "month"])),
        "periods": data.draw(st.integers(1, 9)),
        "min_occurrences": data.draw(st.integers(1, 3)),
        "brackets": data.draw(st.sampled_from([None, [(1, 2), (4, 7)]])),
    }
    found = answered(
        "retention", asked, "project_id breakdown cohort_start period_number",
        cells="cohort_size returned is_complete", target="visit", returning=["visit", "order"], **named,
    )  # fmt: skip
    question = RetentionQuestion(
        target=Step(("visit",)), returning=Step(("visit", "order")), span=asked.span,
        has_breakdown="breakdown" in asked.given, **named,
    )  # fmt: skip
    oracle = retention(asked.deeds, question, all_deeds=asked.all_deeds)
    assert found == {
        (project, value, str(start), offset): (cell.cohort_size, cell.returned, cell.is_complete)
        for (project, value, start, offset), cell in oracle.items()
    }


@drawn
@given(data=st.data())
def test_any_active_users_equal_brute_force(here: tuple[Place, World], data: st.DataObject) -> None:
    asked = asked_by(data, here)
    windows = data.draw(st.lists(st.integers(1, 30), min_size=1, max_size=3, unique=True))
    period = data.draw(st.sampled_from(["day", "week", "month", "quarter"]))
    names = " ".join({1: "dau", 7: "wau", 28: "mau"}.get(days, f"active_{days}d") for days in windows)
    found = answered(
        "active_users", asked, "project_id breakdown period_start", cells=names, windows=windows, period=period
    )
    oracle = active_users(asked.deeds, windows, period=period, span=asked.span, all_deeds=asked.all_deeds)
    assert found == {
        (project, value, str(start)): tuple(counts[days] for days in windows)
        for (project, value, start), counts in oracle.items()
    }


@drawn
@given(data=st.data())
def test_any_lifecycle_equals_brute_force(here: tuple[Place, World], data: st.DataObject) -> None:
    asked = asked_by(data, here)
    period, event = data.draw(st.sampled_from(["day", "week", "month"])), data.draw(st.sampled_from(["*", "visit"]))
    found = answered(
        "lifecycle", asked, "project_id breakdown period_start status", cells="persons", period=period, event=event
    )
    oracle = lifecycle(asked.deeds, Step((event,)), period=period, span=asked.span, all_deeds=asked.all_deeds)
    assert found == {
        (project, value, str(start), status): (persons,) for (project, value, start, status), persons in oracle.items()
    }


@drawn
@given(data=st.data())
def test_any_stickiness_equals_brute_force(here: tuple[Place, World], data: st.DataObject) -> None:
    asked = asked_by(data, here)
    named: dict[str, Any] = {
        "period": data.draw(st.sampled_from(["day", "week", "month"])),
        "min_events": data.draw(st.integers(1, 3)),
        "cumulative": data.draw(st.booleans()),
    }
    event = data.draw(st.sampled_from(["*", "visit"]))
    found = answered("stickiness", asked, "project_id breakdown active_periods", cells="persons", event=event, **named)
    oracle = stickiness(asked.deeds, Step((event,)), span=asked.span, all_deeds=asked.all_deeds, **named)
    assert found == {(project, value, number): (persons,) for (project, value, number), persons in oracle.items()}


@drawn
@given(data=st.data())
def test_any_trend_equals_brute_force(here: tuple[Place, World], data: st.DataObject) -> None:
    asked = asked_by(data, here)
    measure = data.draw(st.sampled_from([*COUNTS, *NUMBERS]))
    period = data.draw(st.sampled_from(["day", "week", "month", "year"]))
    found = answered(
        "trends", asked, "project_id breakdown period_start", cells="value", event=["visit", "order"], period=period,
        measure=f"{measure}(properties.value)" if measure in NUMBERS else measure,
    )  # fmt: skip
    oracle = trends(
        asked.deeds, Step(("visit", "order")), measure, period=period, span=asked.span, all_deeds=asked.all_deeds
    )
    assert found == {(project, value, str(start)): (plain(cell),) for (project, value, start), cell in oracle.items()}


@drawn
@given(data=st.data())
def test_any_paths_equal_brute_force(here: tuple[Place, World], data: st.DataObject) -> None:
    asked = asked_by(data, here)
    start, end = (data.draw(st.sampled_from([None, "visit", "order"])) for _ in range(2))
    include = data.draw(st.sampled_from([None, ["visit", "signup"]]))
    per = data.draw(st.sampled_from(["session", "person", "36 hours"]))
    named: dict[str, Any] = {
        "depth": data.draw(st.integers(2, 7)),
        "collapse_repeats": data.draw(st.booleans()),
        "min_persons": data.draw(st.integers(1, 2)),
        "top": data.draw(st.sampled_from([None, 5])),
    }
    found = answered(
        "paths", asked, "project_id breakdown step_number source target", cells="transitions persons median_seconds",
        start_event=start, end_event=end, include=include, per=per, **named,
    )  # fmt: skip
    question = PathsQuestion(
        start_event=Step((start,)) if start else None, end_event=Step((end,)) if end else None,
        include=Step(tuple(include)) if include else None, span=asked.span,
        per=36 * HOUR_MS if per == "36 hours" else per, **named,
    )  # fmt: skip
    assert found == {
        key: (edge.transitions, edge.persons, plain(float(edge.median_seconds)))
        for key, edge in paths(asked.deeds, question).items()
    }
