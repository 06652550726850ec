"""`funnel`, `funnel_persons` and `funnel_trend` equal walking every attempt, for every combination of arguments."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from local.oracle.behaviour import Deed, Range, Step
from local.oracle.calendar import HOUR_MS, Calendar, to_datetime
from local.oracle.funnels import Exclusion, FunnelQuestion, funnel, funnel_paths, funnel_trend
from tests.macros.funnel_worlds import deeds_of, land, make_people
from tests.macros.harness import Macros, create_events, query
from tests.macros.size import people

PEOPLE = people(400)
MACROS = Macros()
BERLIN = Calendar("Europe/Berlin")

SqlArguments = dict[str, Any]


def is_small(deed: Deed) -> bool:
    return deed.number == 1


ANY_B = {"event": "b"}
STEPS: dict[str, tuple[list[Any], tuple[Step, ...]]] = {
    "different events": (["a", "b", "c"], (Step(("a",)), Step(("b",)), Step(("c",)))),
    "four steps": (["a", "b", "c", "d"], tuple(Step((name,)) for name in "abcd")),
    "equal steps": (["a", "a", "b"], (Step(("a",)), Step(("a",)), Step(("b",)))),
    "one step": (["b"], (Step(("b",)),)),
    "overlapping lists": ([["a", "b"], ["b", "c"], "c"], (Step(("a", "b")), Step(("b", "c")), Step(("c",)))),
    "any event between": (["a", {"event": "*"}, "b"], (Step(("a",)), Step(("*",)), Step(("b",)))),
    "conditions": (
        ["a", {"event": "b", "where": "number(properties.size) = 1"}, {"event": ["b", "c"], "name": "end"}],
        (Step(("a",)), Step(("b",), is_small), Step(("b", "c"))),
    ),
    "first time": (
        [{"event": "a", "first_time": True}, "b", {"event": "c", "first_time": True}],
        (Step(("a",), first_time=True), Step(("b",)), Step(("c",), first_time=True)),
    ),
}
EXCLUDE_X = ([{"event": "x", "to_step": 3}], (Exclusion(Step(("x",)), 1, 3),))
EXCLUDE_TWO = (
    [{"event": "x", "from_step": 1, "to_step": 2}, {"event": ["a", "d"], "from_step": 2, "to_step": 3}],
    (Exclusion(Step(("x",)), 1, 2), Exclusion(Step(("a", "d")), 2, 3)),
)
WINDOWS = {"5 hours": 5 * HOUR_MS, "1 day": 24 * HOUR_MS, "2 seconds": 2000}
RANGE = (
    {"start": "2026-03-28", "end": "2026-03-29", "timezone": "Europe/Berlin"},
    Range("2026-03-28", "2026-03-29", BERLIN),
)


def asked(
    steps: str = "different events",
    *,
    window: str = "5 hours",
    exclude: Any = ((), ()),
    bounded: bool = False,
    **arguments: Any,
) -> tuple[SqlArguments, FunnelQuestion]:
    """The same question as the macro's arguments and for the oracle."""
    given: SqlArguments = {"steps": STEPS[steps][0], "window": window, **arguments}
    same = {key: value for key, value in arguments.items() if key not in ("breakdown", "hold_constant", "optional")}
    question = FunnelQuestion(
        steps=STEPS[steps][1],
        window_ms=WINDOWS[window],
        exclude=exclude[1],
        optional=tuple(arguments.get("optional", ())),
        holds="hold_constant" in arguments,
        has_breakdown="breakdown" in arguments,
        range=RANGE[1] if bounded else Range(),
        **same,
    )
    if exclude[0]:
        given["exclude"] = exclude[0]
    if bounded:
        given |= RANGE[0]
    return given, question


HUE = "properties.hue"
CASES = [
    *(
        pytest.param(*asked(steps, ties=ties), id=f"{steps}, ties {ties}")
        for steps in STEPS
        for ties in ("any", "strict")
    ),
    *(
        pytest.param(*asked(steps, order=order), id=f"{steps}, {order}")
        for steps in STEPS
        for order in ("strict", "any")
    ),
    *(
        pytest.param(*asked(steps, exclude=exclude, exclusion=rule, ties=ties), id=f"{steps}, {rule}, {ties}, {name}")
        for steps in ("different events", "overlapping lists")
        for rule in ("void", "stop")
        for ties in ("any", "strict")
        for name, exclude in (("x", EXCLUDE_X), ("two", EXCLUDE_TWO))
    ),
    pytest.param(*asked(order="strict", exclude=EXCLUDE_X), id="strict order with an exclusion"),
    pytest.param(*asked(window="1 day", bounded=True), id="in a range"),
    pytest.param(*asked("equal steps", bounded=True), id="equal steps in a range"),
    pytest.param(*asked(bounded=True, order="any"), id="any order in a range"),
    pytest.param(*asked(window="2 seconds"), id="a window of seconds"),
    pytest.param(*asked(entry="first"), id="first entry"),
    pytest.param(*asked("equal steps", entry="first", exclude=EXCLUDE_X), id="first entry may be void"),
    *(
        pytest.param(
            *asked(steps, optional=optional, order=order, ties=ties),
            id=f"{steps}, optional {optional}, {order}, {ties}",
        )
        for steps, optional in (
            ("four steps", [2]),
            ("four steps", [2, 3]),
            ("equal steps", [2]),
            ("overlapping lists", [2]),
            ("conditions", [2]),
        )
        for order, ties in (("ordered", "any"), ("ordered", "strict"), ("strict", "any"))
    ),
    *(
        pytest.param(
            *asked("four steps", optional=optional, exclude=EXCLUDE_TWO, exclusion=rule, ties=ties),
            id=f"optional {optional} and excluded, {rule}, {ties}",
        )
        for optional in ([2], [3], [2, 3])
        for rule in ("void", "stop")
        for ties in ("any", "strict")
    ),
    *(
        pytest.param(
            *asked(steps, hold_constant=["properties.cart"], count=count, order=order),
            id=f"held, {steps}, {count}, {order}",
        )
        for steps in ("different events", "overlapping lists")
        for count in ("persons", "sessions", "totals")
        for order in ("ordered", "strict", "any")
    ),
    *(
        pytest.param(*asked(steps, count=count, order=order), id=f"{count}, {steps}, {order}")
        for steps in ("different events", "equal steps")
        for count in ("sessions", "totals")
        for order in ("ordered", "strict", "any")
    ),
    pytest.param(*asked(count="totals", exclude=EXCLUDE_X), id="totals, void"),
    pytest.param(*asked(count="totals", exclude=EXCLUDE_X, exclusion="stop"), id="totals, stop"),
    pytest.param(*asked(count="totals", entry="first"), id="totals, first"),
    *(
        pytest.param(
            *asked(steps, breakdown=HUE, attribution=attribution, **more),
            id=", ".join([attribution, steps, *more]),
        )
        for attribution in ("first_touch", "last_touch", "all", "step_1", "step_2", "step_3")
        for steps, more in (
            ("different events", {}),
            ("overlapping lists", {"count": "totals"}),
            ("different events", {"exclude": EXCLUDE_X, "breakdown_limit": 2}),
            ("equal steps", {"count": "sessions", "hold_constant": ["properties.cart"]}),
            ("different events", {"order": "strict", "bounded": True, "breakdown_limit": 1}),
        )
    ),
    pytest.param(*asked("equal steps", order="any", breakdown=HUE, attribution="all"), id="any order, each value"),
    pytest.param(
        *asked(order="any", breakdown=HUE, attribution="last_touch", breakdown_limit=3), id="any order, last touch"
    ),
]


# Funnels of this kind take a shorter way, which `funnel_persons` never takes: its rows name their events.
PLAIN = [
    pytest.param(*asked("one step"), id="one step"),
    pytest.param(*asked("four steps", entry="first"), id="first entry of four steps"),
    *(
        pytest.param(
            *asked("four steps", bounded=bounded, window=window, count=count), id=f"{window}, {count}, {bounded}"
        )
        for bounded in (False, True)
        for window in WINDOWS
        for count in ("persons", "sessions")
    ),
    *(
        pytest.param(
            *asked("four steps", breakdown=HUE, attribution=attribution, count=count, breakdown_limit=limit),
            id=f"plain, {attribution}, {count}, {limit}",
        )
        for attribution in ("first_touch", "last_touch", "all")
        for count in ("persons", "sessions")
        for limit in (None, 2)
    ),
]


@cache
def world() -> tuple[list[Deed], list[Deed]]:
    """The landed table as the oracle reads it: all events, and those of humans."""
    rows = make_people(20, PEOPLE)
    land(rows)
    return deeds_of(rows), deeds_of([row for row in rows if not row["is_bot"]])


@pytest.mark.parametrize(("given", "question"), CASES)
def test_every_counted_path_is_the_one_that_a_walk_finds(given: SqlArguments, question: FunnelQuestion) -> None:
    _, deeds = world()
    sql = MACROS.call("funnel_persons", **given, where="not is_bot")
    found = sorted(
        (
            row["project_id"],
            row["actor"],
            row.get("session_id", ""),
            row["breakdown"],
            row["level"],
            tuple(row["step_at"]),
            tuple(row["event_ids"]),
        )
        for row in query(sql)
    )
    expected = sorted(
        (
            path.project_id,
            path.actor,
            path.session_id,
            path.breakdown,
            path.level,
            tuple(_text(at_ms) for at_ms in path.step_at),
            path.event_ids,
        )
        for path in funnel_paths(deeds, question)
    )
    assert found == expected


def _text(at_ms: int | None) -> str | None:
    return None if at_ms is None else to_datetime(at_ms).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


MEASURES = (
    "entered",
    "converted_from_start",
    "converted_from_previous",
    "median_seconds_from_previous",
    "p90_seconds_from_previous",
    "median_seconds_from_start",
    "incomplete",
)


def test_times_before_1970_and_far_ahead_are_walked_too() -> None:
    days = ("1969-12-30", "1969-12-31", "1970-01-01", "2262-01-01")
    create_events(
        {"event_id": str(number), "event": "ab"[number % 2], "occurred_at": f"{day} 10:00:00", "person_id": "x"}
        for number, day in enumerate(days)
    )
    try:
        row = query(MACROS.call("funnel", ["a", "b"], window="1 day"))[1]
    finally:
        world.cache_clear()
    assert (row["entered"], row["median_seconds_from_previous"]) == (1, 86_400)


@pytest.mark.parametrize(
    "more", [{}, {"breakdown": "event", "attribution": "all", "breakdown_limit": 2}], ids=["plain", "limited"]
)
def test_many_steps_of_one_name_are_served_in_any_order(more: SqlArguments) -> None:
    """Person 0 sees all pages, person 1 every second, person 2 one page often."""
    count = 10
    pages = [range(count), range(1, count, 2), [3] * count]
    create_events(
        {
            "event_id": f"{person}-{number}",
            "event": "seen",
            "occurred_at": f"2026-01-01 10:00:{number:02}",
            "person_id": str(person),
            "properties": {"page": page},
        }
        for person, seen in enumerate(pages)
        for number, page in enumerate(reversed(seen))
    )
    steps = [{"event": "seen", "where": f"properties.page = '{page}'"} for page in range(count)]
    try:
        rows = query(MACROS.call("funnel_persons", steps, order="any", **more))
    finally:
        world.cache_clear()
    assert {row["actor"]: row["level"] for row in rows} == {"0": count, "1": count // 2, "2": 1}


@pytest.mark.parametrize("exclusion", ["void", "stop"])
def test_an_exclusion_that_is_given_twice_is_one(exclusion: str) -> None:
    one = {"event": "x", "from_step": 1, "to_step": 2}
    once, twice = (MACROS.call("funnel", ["a", "b", "c"], exclude=[one] * n, exclusion=exclusion) for n in (1, 2))
    assert once == twice


def _measures(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(None if row[name] is None else pytest.approx(row[name]) for name in MEASURES)


@pytest.mark.parametrize(("given", "question"), [*CASES[::3], *PLAIN])
def test_every_cell_of_a_funnel_is_that_of_its_paths(given: SqlArguments, question: FunnelQuestion) -> None:
    all_deeds, deeds = world()
    found = {
        (row["project_id"], row["breakdown"], row["step_number"]): _measures(row)
        for row in query(MACROS.call("funnel", **given, where="not is_bot"))
    }
    cells = funnel(deeds, question, all_deeds=all_deeds)
    assert {key: tuple(getattr(cell, name) for name in MEASURES) for key, cell in cells.items()} == found


@pytest.mark.parametrize(("given", "question"), CASES[::12])
@pytest.mark.parametrize("period", ["hour", "week"])
def test_a_trend_is_the_funnel_of_each_period(given: SqlArguments, question: FunnelQuestion, period: str) -> None:
    all_deeds, deeds = world()
    given = {**given, "timezone": given.get("timezone", "UTC")}
    sql = MACROS.call("funnel_trend", **given, where="not is_bot", period=period)
    if period == "hour":
        sql = f"select * replace (toTimeZone(period_start, 'UTC') as period_start) from {sql}"
    found = {
        (row["project_id"], row["breakdown"], row["period_start"], row["step_number"]): _measures(row)
        for row in query(sql)
    }
    cells = funnel_trend(deeds, question, period, all_deeds=all_deeds)
    expected = {
        (project, value, str(start).removesuffix("+00:00"), number): tuple(getattr(cell, name) for name in MEASURES)
        for (project, value, start, number), cell in cells.items()
    }
    assert expected == found
