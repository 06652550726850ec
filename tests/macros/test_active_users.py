"""`active_users` equals a count of every actor in every window, in any calendar."""

from typing import Any

import pytest

from local.oracle.behaviour import Range, keep_largest
from local.oracle.calendar import Calendar, PeriodStart
from local.oracle.engagement import active_users
from tests.macros.behaviour_worlds import World, is_human, make_world, plan_of
from tests.macros.harness import Macros, RaisedByMacroError, create_events, query

MACROS = Macros()
NAMES = {1: "dau", 7: "wau", 28: "mau"}

CALENDARS = [
    pytest.param("UTC", "monday", "2024-02-10", (), id="a leap day"),
    pytest.param("Europe/Berlin", "monday", "2026-03-05", ("2026-03-29T01:00",), id="Berlin springs forward"),
    pytest.param("America/New_York", "sunday", "2026-10-12", ("2026-11-01T06:00",), id="New York falls back"),
    pytest.param("America/Sao_Paulo", "sunday", "2018-10-10", ("2018-11-04T03:00",), id="a day without midnight"),
    pytest.param("Asia/Kathmandu", "monday", "2025-12-10", ("2025-12-31T18:15",), id="an odd offset at new year"),
]


def cells(rows: list[dict[str, Any]], windows: tuple[int, ...]) -> dict[tuple[str, str, str], dict[int, int]]:
    return {
        (row["project_id"], row["breakdown"], row["period_start"]): {
            days: int(row[NAMES.get(days, f"active_{days}d")]) for days in windows
        }
        for row in rows
    }


def expected(found: dict[tuple[str, str, PeriodStart], dict[int, int]]) -> dict[tuple[str, str, str], dict[int, int]]:
    return {(project, value, str(start)): counts for (project, value, start), counts in found.items()}


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize(("timezone", "week_start", "first_day", "edges"), CALENDARS)
def test_every_cell_equals_brute_force(
    period: str, timezone: str, week_start: str, first_day: str, edges: tuple[str, ...]
) -> None:
    world = make_world(1, first_day=first_day, edges=edges)
    world.land()
    windows = (1, 3, 7, 28)
    sql = MACROS.call("active_users", period=period, windows=list(windows), timezone=timezone, week_start=week_start)
    oracle = active_users(world.deeds(), windows, period=period, span=Range(calendar=Calendar(timezone, week_start)))
    assert cells(query(sql), windows) == expected(oracle)


@pytest.fixture(name="world")
def landed_world() -> World:
    world = make_world(2, first_day="2026-03-05", edges=("2026-03-28T23:00", "2026-03-29T22:00"))
    world.land()
    return world


def test_rows_are_those_of_the_range_and_windows_look_back_before_it(world: World) -> None:
    span = Range("2026-03-20", "2026-04-08 12:00", Calendar("Europe/Berlin"))
    sql = MACROS.call("active_users", start=span.start, end=span.end, timezone="Europe/Berlin")
    assert cells(query(sql), (1, 7, 28)) == expected(active_users(world.deeds(), span=span))


def test_conditions_projects_and_actors_are_taken_as_asked(world: World) -> None:
    shop = [deed for deed in world.deeds(where=is_human, actor="user_id") if deed.project_id == "shop"]
    everything = [deed for deed in world.deeds() if deed.project_id == "shop"]
    sql = MACROS.call("active_users", where="not is_bot", project_id="shop", actor="user_id")
    assert cells(query(sql), (1, 7, 28)) == expected(active_users(shop, all_deeds=everything))


def test_each_breakdown_value_is_counted_by_itself(world: World) -> None:
    sql = MACROS.call("active_users", breakdown="properties.plan")
    assert cells(query(sql), (1, 7, 28)) == expected(active_users(world.deeds(breakdown=plan_of)))


def test_values_beyond_the_limit_are_computed_again_as_other(world: World) -> None:
    deeds = world.deeds(breakdown=plan_of)
    actors: dict[tuple[str, str], set[str]] = {}
    for deed in deeds:
        actors.setdefault((deed.project_id, deed.breakdown), set()).update({deed.actor} - {""})
    limited = keep_largest(deeds, {key: len(found) for key, found in actors.items()}, 2)
    sql = MACROS.call("active_users", breakdown="properties.plan", breakdown_limit=2)
    assert cells(query(sql), (1, 7, 28)) == expected(active_users(limited))


def test_windows_of_hours_are_physical() -> None:
    world = make_world(3, first_day="2026-10-31", days=3, people=30)
    world.land()
    sql = MACROS.call("active_users", period="hour", windows=[1, 2], timezone="America/New_York")
    oracle = active_users(world.deeds(), (1, 2), period="hour", span=Range(calendar=Calendar("America/New_York")))
    found = {
        (row["project_id"], int(row["at"])): {1: int(row["dau"]), 2: int(row["active_2d"])}
        for row in query(f"select *, toUnixTimestamp(period_start) as at from {sql}")
    }
    assert found == {
        (project, int(start.timestamp())): counts  # type: ignore[union-attr]
        for (project, _, start), counts in oracle.items()
    }


def test_stickiness_is_dau_over_mau_and_null_without_a_month() -> None:
    create_events(
        [
            {"event_id": "1", "event": "a", "occurred_at": "2026-01-01 10:00:00", "person_id": "x"},
            {"event_id": "2", "event": "a", "occurred_at": "2026-01-02 10:00:00", "person_id": "x"},
            {"event_id": "3", "event": "a", "occurred_at": "2026-01-02 10:00:00", "person_id": "y"},
        ]
    )
    rows = query(MACROS.call("active_users", windows=[7], start="2025-12-31", end="2026-01-04"))
    assert [row["stickiness"] for row in rows] == [None, 1, 1, 0]
    assert list(rows[0]) == ["project_id", "period_start", "breakdown", "wau", "stickiness"]


def test_a_list_of_breakdowns_keeps_its_values_apart() -> None:
    create_events(
        [
            {"event_id": "1", "event": "a, b", "occurred_at": "2026-01-01 10:00:00", "person_id": "x", "user_id": "c"},
            {"event_id": "2", "event": "a", "occurred_at": "2026-01-01 10:00:00", "person_id": "x", "user_id": "b, c"},
        ]
    )
    rows = query(MACROS.call("active_users", breakdown=["event", "user_id"]))
    assert sorted(row["breakdown_values"] for row in rows) == [["a", "b, c"], ["a, b", "c"]]
    assert {row["dau"] for row in rows} == {1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"period": "fortnight"}, 'argument `period` is "fortnight"; allowed: one of minute', id="period"),
        pytest.param({"windows": []}, "argument `windows` is []; allowed: a list of different", id="no windows"),
        pytest.param({"windows": [7, 7]}, "argument `windows` is [7, 7]", id="a window twice"),
        pytest.param({"windows": [0]}, "argument `windows` is [0]", id="an empty window"),
        pytest.param({"window": [1]}, "argument `window` is [1]; allowed: no such argument", id="a misspelt argument"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RaisedByMacroError) as raised:
        MACROS.call("active_users", **arguments)
    assert "active_users(): " in str(raised.value)
    assert message in str(raised.value)
