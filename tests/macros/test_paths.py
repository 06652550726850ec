"""`paths` equals walking every sequence and writing down its edges."""

from collections import defaultdict
from itertools import product
from typing import Any

import pytest

from local.oracle.behaviour import Deed, Range, Step, keep_largest
from local.oracle.calendar import Calendar
from local.oracle.paths import Edge, EdgeKey, PathsQuestion, paths
from tests.macros.behaviour_worlds import World, is_human, make_world, plan_of
from tests.macros.harness import Macros, RaisedByMacroError, create_events, query

MACROS = Macros()
HOUR_MS = 3_600_000
# What is asked for in SQL, and the same for the oracle.
STARTS = (("visit", Step(("visit",))), (None, None))
ENDS = (
    ({"event": ["order", "refund"], "where": "number(properties.value) > 0"}, "paid"),
    (None, None),
)
PERS = (("session", "session"), ("person", "person"), ("36 hours", 36 * HOUR_MS))


def paid(deed: Deed) -> bool:
    return deed.number is not None and deed.number > 0


END_STEPS = {"paid": Step(("order", "refund"), paid)}


def ask(**arguments: Any) -> dict[EdgeKey, Edge]:
    return {
        (row["project_id"], row["breakdown"], row["step_number"], row["source"], row["target"]): Edge(
            int(row["transitions"]), int(row["persons"]), round(row["median_seconds"], 3)
        )
        for row in query(MACROS.call("paths", **arguments))
    }


def brute_force(deeds: list[Deed], **question: Any) -> dict[EdgeKey, Edge]:
    found = paths(deeds, PathsQuestion(**question))
    return {key: Edge(edge.transitions, edge.persons, round(edge.median_seconds, 3)) for key, edge in found.items()}


@pytest.fixture(name="world")
def landed_world() -> World:
    world = make_world(11, first_day="2026-03-05", days=25)
    world.land()
    return world


@pytest.mark.parametrize(("per", "per_step"), PERS)
@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("depth", [2, 5])
def test_every_edge_equals_brute_force(world: World, per: str, per_step: str | int, collapse: bool, depth: int) -> None:
    for (start, start_step), (end, end_name), include in product(STARTS, ENDS, (None, ["visit", "signup"])):
        found = ask(
            start_event=start,
            end_event=end,
            include=include,
            depth=depth,
            per=per,
            collapse_repeats=collapse,
            top=None,
        )
        assert found == brute_force(
            world.deeds(),
            start_event=start_step,
            end_event=END_STEPS[end_name] if end_name else None,
            include=None if include is None else Step(tuple(include)),
            depth=depth,
            per=per_step,
            collapse_repeats=collapse,
            top=None,
        ), (start, end, include)


def test_another_actor_is_followed_as_a_person_is(world: World) -> None:
    for per in ("session", "person"):
        found = ask(actor="user_id", per=per, top=None, breakdown="properties.plan")
        assert found == brute_force(world.deeds(actor="user_id", breakdown=plan_of), per=per, top=None)


def test_a_session_of_two_persons_is_a_path_of_each() -> None:
    """One identifier each, one that was handed over within the session, and one of nobody."""
    seen = [
        ("ann", "a", "home"),
        ("bob", "b", "search"),
        ("ann", "shared", "item"),
        ("", "", "page"),
        ("bob", "shared", "cart"),
        ("ann", "a", "order"),
    ]
    create_events(
        {
            "event_id": str(number),
            "event": event,
            "session_id": "s",
            "person_id": person,
            "identifier": identifier,
            "occurred_at": f"2026-01-01 10:00:0{number}",
        }
        for number, (person, identifier, event) in enumerate(seen)
    )
    assert ask() == {
        ("default", "", 1, "home", "item"): Edge(1, 1, 2),
        ("default", "", 2, "item", "order"): Edge(1, 1, 3),
        ("default", "", 1, "search", "cart"): Edge(1, 1, 3),
    }


def test_a_session_id_of_two_projects_is_two_sessions() -> None:
    """In one of them it has two events at one time, in the other its actor has such a session beside it."""
    seen = [
        ("first", "ann", "s", "home", 1),
        ("first", "ann", "s", "item", 1),
        ("second", "bob", "s", "home", 1),
        ("second", "bob", "s", "cart", 2),
        ("second", "bob", "t", "search", 11),
        ("second", "bob", "t", "order", 11),
    ]
    create_events(
        {
            "event_id": str(number),
            "project_id": project,
            "event": event,
            "session_id": session,
            "person_id": person,
            "identifier": f"{person} in {session}",
            "occurred_at": f"2026-01-01 10:00:{second:02}",
        }
        for number, (project, person, session, event, second) in enumerate(seen)
    )
    assert ask() == {
        ("first", "", 1, "home", "item"): Edge(1, 1, 0),
        ("second", "", 1, "home", "cart"): Edge(1, 1, 1),
        ("second", "", 1, "search", "order"): Edge(1, 1, 0),
    }


@pytest.mark.parametrize(("per", "per_step"), PERS)
def test_another_relation_has_the_same_paths(world: World, per: str, per_step: str | int) -> None:
    """Nothing but its own events tells which of them are at one time."""
    found = ask(events="(select * from fct_events)", per=per, top=None)
    assert found == brute_force(world.deeds(), per=per_step, top=None)


def test_the_largest_edges_are_kept_ties_by_name(world: World) -> None:
    assert ask(top=7, min_persons=2) == brute_force(world.deeds(), top=7, min_persons=2)


def test_nodes_may_be_any_expression_and_streams_be_broken_down(world: World) -> None:
    found = ask(step="concat(event, '/', properties.plan)", where="not is_bot", breakdown="properties.plan", top=None)
    deeds = world.deeds(where=is_human, breakdown=plan_of)
    assert found == brute_force(deeds, node_of=lambda deed: f"{deed.event}/{deed.breakdown}", top=None)


def test_values_beyond_the_limit_are_computed_again_as_other(world: World) -> None:
    deeds = world.deeds(breakdown=plan_of)
    sizes: dict[tuple[str, str], float] = defaultdict(float)
    for (project, value, *_), edge in paths(deeds, PathsQuestion(top=None)).items():
        sizes[project, value] += edge.transitions
    found = ask(breakdown="properties.plan", breakdown_limit=2, top=None)
    assert found == brute_force(keep_largest(deeds, sizes, 2), top=None)


def test_only_events_of_the_range_are_walked(world: World) -> None:
    span = Range("2026-03-10", "2026-03-20 12:00", Calendar("Europe/Berlin"))
    found = ask(start=span.start, end=span.end, timezone="Europe/Berlin", per="person", top=None)
    assert found == brute_force(world.deeds(), span=span, per="person", top=None)


@pytest.mark.usefixtures("world")
def test_people_are_conserved() -> None:
    """Whoever leaves a node at a step has come into it at the step before."""
    came: dict[tuple[str, int, str], int] = defaultdict(int)
    left: dict[tuple[str, int, str], int] = defaultdict(int)
    for (project, _, number, source, target), edge in ask(top=None, per="person").items():
        came[project, number + 1, target] += edge.transitions
        left[project, number, source] += edge.transitions
    assert all(count <= came[key] for key, count in left.items() if key[1] > 1)


def test_nodes_of_a_sankey_carry_their_step() -> None:
    create_events(
        [
            {
                "event_id": str(number),
                "event": event,
                "session_id": "s",
                "person_id": "x",
                "occurred_at": f"2026-01-01 10:00:0{number}",
            }
            for number, event in enumerate(("home", "home", "item", "home"))
        ]
    )
    rows = query(MACROS.call("paths"))
    assert [(row["source_node"], row["target_node"], row["median_seconds"]) for row in rows] == [
        ("1 home", "2 item", 2),
        ("2 item", "3 home", 1),
    ]


def test_two_events_of_one_id_and_time_are_on_the_path_in_the_same_order_wherever_they_landed() -> None:
    twins = [{"event_id": "1", "event": event, "session_id": "s", "person_id": "x"} for event in ("search", "home")]
    found = []
    for rows in (twins, twins[::-1]):
        create_events([row | {"occurred_at": "2026-01-01 10:00:00"} for row in rows])
        found.append([(row["source"], row["target"]) for row in query(MACROS.call("paths"))])
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["it's", "back\\slash", "nul\0nul", "-- comment", "{{ jinja }}", "/*", "snow ☃", "`"])
def test_a_name_is_data_whatever_is_in_it(name: str) -> None:
    create_events(
        [
            {"event_id": "1", "event": name, "session_id": "s", "person_id": "x", "occurred_at": "2026-01-01 10:00:01"},
            {"event_id": "2", "event": "b", "session_id": "s", "person_id": "x", "occurred_at": "2026-01-01 10:00:02"},
        ]
    )
    rows = query(MACROS.call("paths", start_event=name, end_event=["b"], include=[name, "b"]))
    assert [(row["source"], row["target"]) for row in rows] == [(name, "b")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"depth": 1}, "`depth` is 1; allowed: a whole number from 2 up", id="one node is no path"),
        pytest.param({"per": "page"}, "`per` is \"page\"; allowed: 'session', 'person' or a gap", id="per"),
        pytest.param({"top": 0}, "`top` is 0; allowed: a whole number from 1 up", id="nothing kept"),
        pytest.param({"step": ""}, '`step` is ""; allowed: a non-empty SQL expression', id="no node"),
        pytest.param({"collapse_repeats": 1}, "`collapse_repeats` is 1; allowed: true or false", id="flag"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RaisedByMacroError) as raised:
        ask(**arguments)
    assert f"paths(): argument {message}" in str(raised.value)
