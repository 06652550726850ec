"""`stickiness` equals counting every actor's periods."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.oracle.behaviour import Range, Step
from local.oracle.calendar import Calendar, to_ms
from local.oracle.engagement import stickiness
from tests.macros.behaviour_worlds import World, is_human, make_world, plan_of
from tests.macros.harness import Macros, RaisedByMacroError, query

MACROS = Macros()
NEW_YORK = Calendar("America/New_York", "sunday")
ANY_TIME = Range(calendar=NEW_YORK)


def ask(**arguments: Any) -> dict[tuple[str, str, int], int]:
    sql = MACROS.call("stickiness", timezone=NEW_YORK.timezone, week_start=NEW_YORK.week_start, **arguments)
    return {
        (row["project_id"], row["breakdown"], int(row["active_periods"])): int(row["persons"]) for row in query(sql)
    }


@pytest.fixture(name="world")
def landed_world() -> World:
    world = make_world(9, first_day="2026-10-10", edges=("2026-11-01T06:00", "2026-11-01T04:00"))
    world.land()
    return world


@pytest.mark.parametrize("period", ["day", "week", "month"])
@pytest.mark.parametrize("min_events", [1, 2])
@pytest.mark.parametrize("cumulative", [False, True])
def test_every_cell_equals_brute_force(world: World, period: str, min_events: int, cumulative: bool) -> None:
    found = ask(period=period, min_events=min_events, cumulative=cumulative)
    assert found == stickiness(
        world.deeds(), period=period, min_events=min_events, cumulative=cumulative, span=ANY_TIME
    )


def test_only_the_ranges_events_count_and_the_grid_has_its_periods(world: World) -> None:
    span = Range("2026-10-30", "2026-11-03 06:00", NEW_YORK)
    found = ask(start=span.start, end=span.end, event="visit")
    assert found == stickiness(world.deeds(), Step(("visit",)), span=span, all_deeds=world.deeds())
    assert max(number for _, _, number in found) == 5


def test_breakdowns_conditions_and_actors_are_taken_as_asked(world: World) -> None:
    deeds = world.deeds(where=is_human, breakdown=plan_of, actor="user_id")
    found = ask(where="not is_bot", breakdown="properties.plan", actor="user_id")
    assert found == stickiness(deeds, span=ANY_TIME, all_deeds=world.deeds())


@pytest.mark.parametrize("min_events", [1, 2])
def test_a_value_that_only_history_has_is_no_row(min_events: int) -> None:
    world = World(
        [
            {
                "project_id": "shop",
                "event_id": str(number),
                "event": "visit",
                "at_ms": to_ms(at),
                "occurred_at": str(at)[:19],
                "person_id": "p",
                "session_id": "",
                "properties": {"plan": plan},
            }
            for number, (at, plan) in enumerate(
                (datetime(2026, 10, day, 12, tzinfo=UTC), plan)
                for day, plan in ((1, "old"), (2, None), (3, "pro"), (20, "pro"))
            )
        ]
    )
    world.land()
    span = Range("2026-10-10", None, NEW_YORK)
    found = ask(start=span.start, breakdown="properties.plan", period="month", min_events=min_events)
    assert found == {("shop", "pro", 1): 1 if min_events == 1 else 0}
    deeds = world.deeds(breakdown=plan_of)
    assert found == stickiness(deeds, span=span, period="month", min_events=min_events, all_deeds=deeds)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"min_events": 0}, "`min_events` is 0; allowed: a whole number from 1 up", id="no events"),
        pytest.param({"cumulative": "yes"}, '`cumulative` is "yes"; allowed: true or false', id="not a flag"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RaisedByMacroError) as raised:
        ask(**arguments)
    assert f"stickiness(): argument {message}" in str(raised.value)
