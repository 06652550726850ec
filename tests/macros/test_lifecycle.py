"""`lifecycle` equals asking every actor in every period what they are."""

from collections import defaultdict
from typing import Any

import pytest

from local.oracle.behaviour import Range, Step, keep_largest
from local.oracle.calendar import Calendar
from local.oracle.engagement import lifecycle
from tests.macros.behaviour_worlds import World, is_human, make_world, plan_of
from tests.macros.harness import Macros, RaisedByMacroError, create_events, query

MACROS = Macros()
BERLIN = Calendar("Europe/Berlin")

Cells = dict[tuple[str, str, str, str], int]


def ask(calendar: Calendar = BERLIN, **arguments: Any) -> Cells:
    asked = {"timezone": calendar.timezone, "week_start": calendar.week_start, **arguments}
    return {
        (row["project_id"], row["breakdown"], row["period_start"], row["status"]): int(row["persons"])
        for row in query(MACROS.call("lifecycle", **asked))
    }


def brute_force(*arguments: Any, span: Range | None = None, **question: Any) -> Cells:
    found = lifecycle(*arguments, span=span or Range(calendar=BERLIN), **question)
    return {(project, value, str(start), status): persons for (project, value, start, status), persons in found.items()}


@pytest.fixture(name="world")
def landed_world() -> World:
    world = make_world(7, first_day="2026-03-05", edges=("2026-03-28T23:00", "2026-03-29T22:00"))
    world.land()
    return world


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize(
    ("calendar", "first_day", "edges"),
    [
        pytest.param(Calendar(), "2024-02-10", ("2024-02-29T12:00",), id="a leap day"),
        pytest.param(BERLIN, "2026-03-05", ("2026-03-29T01:00",), id="Berlin springs forward"),
        pytest.param(Calendar("America/New_York", "sunday"), "2026-10-12", ("2026-11-01T06:00",), id="New York"),
        pytest.param(Calendar("America/Sao_Paulo", "sunday"), "2018-10-10", ("2018-11-04T03:00",), id="no midnight"),
    ],
)
def test_every_cell_equals_brute_force(period: str, calendar: Calendar, first_day: str, edges: tuple[str, ...]) -> None:
    world = make_world(8, first_day=first_day, edges=edges)
    world.land()
    assert ask(calendar, period=period) == brute_force(world.deeds(), period=period, span=Range(calendar=calendar))


def test_history_before_the_range_counts(world: World) -> None:
    span = Range("2026-03-25", "2026-04-05 12:00", BERLIN)
    assert ask(start=span.start, end=span.end) == brute_force(world.deeds(), span=span)


def test_only_the_asked_events_make_active(world: World) -> None:
    shop = [deed for deed in world.deeds(where=is_human) if deed.project_id == "shop"]
    everything = [deed for deed in world.deeds() if deed.project_id == "shop"]
    found = ask(event=["visit", "order"], where="not is_bot", project_id="shop", period="week")
    assert found == brute_force(shop, Step(("visit", "order")), period="week", all_deeds=everything)


def test_each_breakdown_value_is_a_stream_of_its_own(world: World) -> None:
    assert ask(breakdown="properties.plan") == brute_force(world.deeds(breakdown=plan_of))


def test_values_beyond_the_limit_are_computed_again_as_other(world: World) -> None:
    deeds = world.deeds(breakdown=plan_of)
    actors: dict[tuple[str, str], set[str]] = defaultdict(set)
    for deed in deeds:
        actors[deed.project_id, deed.breakdown] |= {deed.actor} - {""}
    limited = keep_largest(deeds, {key: len(found) for key, found in actors.items()}, 2)
    assert ask(breakdown="properties.plan", breakdown_limit=2) == brute_force(limited)


@pytest.mark.usefixtures("world")
def test_new_returning_and_resurrecting_add_up_to_the_active() -> None:
    active = {
        (row["project_id"], row["period_start"]): int(row["dau"])
        for row in query(MACROS.call("active_users", timezone="Europe/Berlin"))
    }
    added: dict[tuple[str, str], int] = defaultdict(int)
    for (project, _, start, status), persons in ask().items():
        added[project, start] += persons if status != "dormant" else 0
    assert added == active


def test_an_actor_goes_through_all_statuses() -> None:
    days = ("2026-01-01", "2026-01-02", "2026-01-04")
    create_events([{"event_id": day, "event": "a", "occurred_at": f"{day} 10:00:00", "person_id": "x"} for day in days])
    statuses = {start: status for (_, _, start, status), persons in ask(end="2026-01-07").items() if persons}
    assert statuses == {
        "2026-01-01": "new",
        "2026-01-02": "returning",
        "2026-01-03": "dormant",
        "2026-01-04": "resurrecting",
        "2026-01-05": "dormant",
    }


def test_a_wrong_argument_is_named() -> None:
    with pytest.raises(
        RaisedByMacroError, match=r"lifecycle\(\): argument `period` is \"era\"; allowed: one of minute"
    ):
        ask(period="era")
