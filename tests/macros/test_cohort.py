"""`cohort` finds the actors that a definition means, and when they came to meet it."""

from collections import defaultdict
from typing import Any

import pytest

from local.oracle.behaviour import Deed
from local.oracle.calendar import DAY_MS, Calendar, to_datetime
from tests.macros.behaviour_worlds import World, make_world
from tests.macros.harness import Macros, RaisedByMacroError, execute, query

MACROS = Macros()
Members = dict[tuple[str, str], int]


def ask(definition: Any, **arguments: Any) -> dict[tuple[str, str], str]:
    rows = query(MACROS.call("cohort", "some", definition, **arguments))
    return {(row["project_id"], row["actor"]): row["entered_at"] for row in rows}


def as_text(members: Members) -> dict[tuple[str, str], str]:
    return {key: to_datetime(at_ms).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] for key, at_ms in members.items()}


def times(deeds: list[Deed], *events: str) -> dict[tuple[str, str], list[int]]:
    """When each actor did one of the events, in order; no events stand for any."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for deed in deeds:
        if deed.actor and (not events or deed.event in events):
            found[deed.project_id, deed.actor].append(deed.at_ms)
    return {key: sorted(instants) for key, instants in found.items()}


@pytest.fixture(name="world")
def landed_world() -> World:
    world = make_world(12, first_day="2026-03-05")
    world.land()
    return world


def test_a_member_enters_with_its_first_match(world: World) -> None:
    assert ask("order") == as_text({key: found[0] for key, found in times(world.deeds(), "order").items()})


def test_often_enough_is_entered_with_the_last_match_that_it_takes(world: World) -> None:
    ordered = times(world.deeds(), "order", "refund")
    expected = {key: found[1] for key, found in ordered.items() if 2 <= len(found) <= 3}
    assert ask({"event": ["order", "refund"], "at_least": 2, "at_most": 3}) == as_text(expected)


def test_never_is_a_cohort_too(world: World) -> None:
    ordered = times(world.deeds(), "order")
    expected = {key: found[0] for key, found in times(world.deeds()).items() if key not in ordered}
    assert ask({"event": "order", "at_most": 0}) == as_text(expected)
    assert ask({"not": "order"}) == as_text(expected)


def test_recent_is_counted_back_from_each_projects_data_end(world: World) -> None:
    ends: dict[str, int] = defaultdict(int)
    for deed in world.deeds():
        ends[deed.project_id] = max(ends[deed.project_id], deed.at_ms)
    recent = [deed for deed in world.deeds() if deed.at_ms >= ends[deed.project_id] - 7 * DAY_MS]
    expected = {key: found[0] for key, found in times(recent, "visit").items()}
    assert ask({"event": "visit", "within": "7 days"}) == as_text(expected)


def test_as_of_knows_nothing_later(world: World) -> None:
    as_of = Calendar("Europe/Berlin").instant("2026-03-20")
    known = [deed for deed in world.deeds() if as_of - 7 * DAY_MS <= deed.at_ms < as_of]
    expected = {key: found[0] for key, found in times(known, "visit").items()}
    found = ask({"event": "visit", "within": "7 days"}, as_of="2026-03-20", timezone="Europe/Berlin")
    assert found == as_text(expected)


def test_definitions_combine(world: World) -> None:
    orders, refunds, signups = (times(world.deeds(), event) for event in ("order", "refund", "signup"))
    expected = {
        key: max(orders[key][0], min(at[key][0] for at in (refunds, signups) if key in at))
        for key in orders
        if key in refunds or key in signups
    }
    assert ask({"all": ["order", {"any": ["refund", "signup"]}]}) == as_text(expected)


def test_a_cohort_is_usable_in_any_condition(world: World) -> None:
    sql = MACROS.call("cohort", "buyers", "order")
    execute("drop table if exists cohort_buyers")
    execute(f"create table cohort_buyers engine = Memory as select * from {sql}")
    found = query(MACROS.call("stickiness", period="year", where="in_cohort('buyers')"))
    assert sum(int(row["persons"]) for row in found) == len(times(world.deeds(), "order"))


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        pytest.param({"any": []}, 'argument `definition` is {"any": []}; allowed: a step', id="nothing to choose from"),
        pytest.param({"all": ["a", {}]}, "argument `definition.all[2]` is {}", id="a part without event"),
        pytest.param({"event": "a", "within": "a while"}, "argument `definition.within` is", id="no duration"),
        pytest.param({"event": "a", "at_least": -1}, "argument `definition.at_least` is -1", id="less than never"),
        pytest.param({"event": "a", "at_least": 3, "at_most": 2}, "argument `definition.at_most` is 2", id="bounds"),
    ],
)
def test_a_wrong_definition_is_named(definition: Any, message: str) -> None:
    with pytest.raises(RaisedByMacroError) as raised:
        ask(definition)
    assert f"cohort(): {message}" in str(raised.value)
