"""`retention` equals looking at every actor in every period, for every combination of its arguments."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest

from local.oracle.behaviour import Deed, Range, Step, keep_largest
from local.oracle.calendar import Calendar
from local.oracle.retention import CellKey, RetentionCell, RetentionQuestion, retention
from tests.macros.behaviour_worlds import World, is_human, make_world, plan_of
from tests.macros.harness import Macros, RaisedByMacroError, create_events, query

MACROS = Macros()
BERLIN = Calendar("Europe/Berlin")
COHORTS = ("first_time", "first_ever", "recurring")
KINDS = ("on", "on_or_after", "on_or_before", "streak")
MEASURES = ("calendar", "rolling")

Cells = dict[tuple[str, str, str, int], RetentionCell]


def is_paid(deed: Deed) -> bool:
    return deed.number is not None and deed.number > 0


# What is asked for in SQL, and the same for the oracle.
TARGET = {"event": ["visit", "signup"], "where": "number(properties.value) > 0"}
TARGET_STEP = Step(("visit", "signup"), is_paid)
RETURNING = ["visit", "order"]
RETURNING_STEP = Step(("visit", "order"))


def ask(calendar: Calendar = BERLIN, **arguments: Any) -> Cells:
    """The macro's cells."""
    asked: dict[str, Any] = {
        "target": TARGET,
        "returning": RETURNING,
        "timezone": calendar.timezone,
        "week_start": calendar.week_start,
    }
    return {
        (row["project_id"], row["breakdown"], row["cohort_start"], int(row["period_number"])): RetentionCell(
            int(row["cohort_size"]), int(row["returned"]), row["retention"], bool(row["is_complete"])
        )
        for row in query(MACROS.call("retention", **{**asked, **arguments}))
    }


def brute_force(deeds: Iterable[Deed], *, all_deeds: Iterable[Deed] | None = None, **question: Any) -> Cells:
    """The oracle's."""
    asked: dict[str, Any] = {"target": TARGET_STEP, "returning": RETURNING_STEP, "span": Range(calendar=BERLIN)}
    found: dict[CellKey, RetentionCell] = retention(
        deeds, RetentionQuestion(**{**asked, **question}), all_deeds=all_deeds
    )
    return {(project, value, str(start), offset): cell for (project, value, start, offset), cell in found.items()}


@pytest.fixture(scope="module", name="world")
def made_world() -> World:
    return make_world(4, first_day="2026-03-05", days=40, edges=("2026-03-29T01:00", "2026-03-28T23:00"))


@pytest.fixture(autouse=True)
def _landed(world: World) -> None:
    world.land()


@pytest.mark.parametrize(("cohort", "kind", "measure"), list(product(COHORTS, KINDS, MEASURES)))
def test_every_cell_equals_brute_force(world: World, cohort: str, kind: str, measure: str) -> None:
    for occurrences, brackets, period in product((1, 2), (None, [(1, 2), (4, 7), (3, 9)]), ("day", "week")):
        arguments: dict[str, Any] = {
            "cohort": cohort,
            "kind": kind,
            "measure": measure,
            "period": period,
            "periods": 6,
            "min_occurrences": occurrences,
            "brackets": brackets,
        }
        assert ask(**arguments) == brute_force(world.deeds(), **arguments), arguments


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("calendar", "first_day", "edges"),
    [
        pytest.param(Calendar(), "2024-02-20", ("2024-02-29T00:00", "2024-03-01T00:00"), id="a leap day"),
        pytest.param(
            Calendar("America/New_York", "sunday"), "2026-10-12", ("2026-11-01T06:00",), id="New York falls back"
        ),
        pytest.param(
            Calendar("America/Sao_Paulo", "sunday"), "2018-10-20", ("2018-11-04T03:00",), id="a day without midnight"
        ),
        pytest.param(Calendar("Asia/Kathmandu"), "2025-12-20", ("2025-12-31T18:15",), id="an odd offset at new year"),
    ],
)
def test_periods_are_those_of_the_calendar(
    measure: str, calendar: Calendar, first_day: str, edges: tuple[str, ...]
) -> None:
    world = make_world(5, first_day=first_day, days=30, edges=edges)
    world.land()
    for period in ("day", "week", "month", "quarter", "year"):
        arguments: dict[str, Any] = {"period": period, "measure": measure, "cohort": "recurring", "periods": 5}
        assert ask(calendar, **arguments) == brute_force(world.deeds(), span=Range(calendar=calendar), **arguments)


@pytest.mark.parametrize("cohort", COHORTS)
@pytest.mark.parametrize("measure", MEASURES)
def test_the_range_bounds_cohorts_and_not_returns(world: World, cohort: str, measure: str) -> None:
    span = Range("2026-03-14 09:30:00", "2026-03-30", BERLIN)
    arguments: dict[str, Any] = {"cohort": cohort, "measure": measure}
    assert ask(start=span.start, end=span.end, **arguments) == brute_force(world.deeds(), span=span, **arguments)


@pytest.mark.parametrize("cohort", COHORTS)
def test_each_breakdown_value_is_a_stream_of_its_own(world: World, cohort: str) -> None:
    found = ask(breakdown="properties.plan", cohort=cohort)
    assert found == brute_force(world.deeds(breakdown=plan_of), cohort=cohort, has_breakdown=True)


@pytest.mark.parametrize("cohort", COHORTS)
def test_values_beyond_the_limit_are_computed_again_as_other(world: World, cohort: str) -> None:
    deeds = world.deeds(breakdown=plan_of)
    sizes: dict[tuple[str, str], float] = {}
    for (project, value, _, offset), cell in brute_force(deeds, cohort=cohort, has_breakdown=True).items():
        sizes[project, value] = sizes.get((project, value), 0) + (cell.cohort_size if offset == 0 else 0)
    found = ask(breakdown="properties.plan", breakdown_limit=2, cohort=cohort)
    assert found == brute_force(keep_largest(deeds, sizes, 2), cohort=cohort, has_breakdown=True)


def test_conditions_projects_and_actors_are_taken_as_asked(world: World) -> None:
    shop = [deed for deed in world.deeds(where=is_human, actor="user_id") if deed.project_id == "shop"]
    everything = [deed for deed in world.deeds() if deed.project_id == "shop"]
    found = ask(where="not is_bot", project_id=["shop"], actor="user_id", cohort="recurring")
    assert found == brute_force(shop, all_deeds=everything, cohort="recurring")


@pytest.mark.parametrize("cohort", COHORTS)
def test_first_time_keeps_an_actors_first_match_alone(world: World, cohort: str) -> None:
    found = ask(target={**TARGET, "first_time": True}, returning={"event": "order", "first_time": True}, cohort=cohort)
    target = Step(("visit", "signup"), is_paid, first_time=True)
    returning = Step(("order",), first_time=True)
    assert found == brute_force(world.deeds(), target=target, returning=returning, cohort=cohort)


def test_any_event_may_be_target_and_return(world: World) -> None:
    assert ask(target="*", returning={"event": "*"}) == brute_force(world.deeds(), target=Step(), returning=Step())


def test_hours_are_physical() -> None:
    world = make_world(6, first_day="2026-03-28", days=2, people=20)
    world.land()
    rows = query(f"""
        select *, toUnixTimestamp(cohort_start) as at
        from {MACROS.call("retention", "visit", "visit", period="hour", timezone="Europe/Berlin")}
    """)
    question = RetentionQuestion(
        target=Step(("visit",)), returning=Step(("visit",)), period="hour", span=Range(calendar=BERLIN)
    )
    assert {(row["project_id"], row["at"], row["period_number"]): row["returned"] for row in rows} == {
        (project, int(start.timestamp()), offset): cell.returned  # type: ignore[union-attr]
        for (project, _, start, offset), cell in retention(world.deeds(), question).items()
    }


def test_a_cohorts_label_is_text_and_an_empty_cohort_has_no_rate() -> None:
    create_events([{"event_id": "1", "event": "a", "occurred_at": "2026-01-05 10:00:00", "person_id": "x"}])
    rows = query(MACROS.call("retention", "a", "a", period="week", periods=2, start="2026-01-01"))
    assert [(row["cohort_label"], row["period_number"], row["retention"]) for row in rows] == [
        ("2025-12-29", 0, None),
        ("2025-12-29", 1, None),
        ("2026-01-05", 0, 1),
        ("2026-01-05", 1, 0),
    ]


@pytest.mark.parametrize(
    ("arguments", "complete"),
    [
        pytest.param({"period": "year", "periods": 1000}, [], id="a thousand years"),
        pytest.param({"brackets": [[1, 1], [2, 50_000]]}, [("03", 0), ("03", 1), ("04", 0)], id="a bracket"),
        pytest.param({"brackets": [[1, 1], [2, 50_000]], "measure": "rolling"}, [("03", 0)], id="rolling days"),
    ],
)
def test_a_period_beyond_all_dates_has_not_ended(arguments: dict[str, Any], complete: list[tuple[str, int]]) -> None:
    create_events([{"event_id": "1", "event": "a", "occurred_at": "2026-01-05 10:00:00", "person_id": "x"}])
    rows = query(MACROS.call("retention", "a", "a", start="2026-01-03", **arguments))
    assert [(row["cohort_start"][-2:], row["period_number"]) for row in rows if row["is_complete"]] == complete


@pytest.mark.parametrize("name", ["it's", "back\\slash", "nul\0nul", "-- comment", "{{ jinja }}", "/*", "snow ☃", "`"])
def test_a_name_is_data_whatever_is_in_it(name: str) -> None:
    create_events([{"event_id": "1", "event": name, "occurred_at": "2026-01-05 10:00:00", "person_id": "x"}])
    rows = query(MACROS.call("retention", name, [name], periods=1, breakdown="event"))
    assert [(row["breakdown"], row["cohort_size"]) for row in rows] == [(name, 1)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"cohort": "weekly"}, '`cohort` is "weekly"; allowed: one of first_time, first_ever', id="cohort"),
        pytest.param({"kind": "off"}, '`kind` is "off"; allowed: one of on, on_or_after', id="kind"),
        pytest.param({"measure": "solar"}, '`measure` is "solar"; allowed: one of calendar, rolling', id="measure"),
        pytest.param({"periods": 0}, "`periods` is 0; allowed: a whole number", id="no periods"),
        pytest.param({"min_occurrences": True}, "`min_occurrences` is true; allowed: a whole", id="occurrences"),
        pytest.param(
            {"brackets": [[0, 3]]}, "`brackets` is [[0, 3]]; allowed: a list of [first, last]", id="bracket 0"
        ),
        pytest.param({"brackets": [[3, 1]]}, "`brackets` is [[3, 1]]", id="a bracket backwards"),
        pytest.param({"brackets": [[1, 10**9]]}, "1 <= first <= last <= 1000000", id="a bracket without end"),
        pytest.param({"brackets": "1-3"}, '`brackets` is "1-3"', id="brackets as text"),
        pytest.param({"dialect": "klingon"}, '`dialect` is "klingon"; allowed: one of mixpanel', id="dialect"),
        pytest.param({"target": {"name": "x"}}, 'argument `target` is {"name": "x"}', id="a step without event"),
        pytest.param({"timezone": "Mars/Olympus"}, '`timezone` is "Mars/Olympus"', id="timezone"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RaisedByMacroError) as raised:
        ask(**arguments)
    assert "retention(): argument " in str(raised.value)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("dialect", "arguments"),
    [
        pytest.param("mixpanel", {"cohort": "recurring", "kind": "on_or_after", "measure": "rolling"}, id="mixpanel"),
        pytest.param("amplitude", {"cohort": "recurring", "kind": "on", "measure": "rolling"}, id="amplitude"),
        pytest.param("posthog", {"cohort": "recurring", "kind": "on", "measure": "calendar"}, id="posthog"),
    ],
)
def test_a_dialect_sets_defaults_and_an_argument_wins(dialect: str, arguments: dict[str, Any]) -> None:
    assert ask(dialect=dialect) == ask(**arguments)
    assert ask(dialect=dialect, cohort="first_ever", kind="streak") == ask(
        **{**arguments, "cohort": "first_ever", "kind": "streak"}
    )
