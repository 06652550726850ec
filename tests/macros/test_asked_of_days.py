"""What counts of days answer in place of `int_active_days` equals the oracles, for every period and window."""

from typing import Any

import pytest

from local.oracle.behaviour import Range, Step
from local.oracle.calendar import Calendar
from local.oracle.engagement import active_users, lifecycle, stickiness
from local.oracle.retention import RetentionQuestion, retention
from tests.macros.behaviour_worlds import World, is_human, make_world
from tests.macros.harness import PROJECT_DIR, Macros, execute, query

PERIODS = ["day", "week", "month", "quarter", "year"]
# What the models read, as views of the events of a world.
UPSTREAM = """
create or replace view int_identifier_days as
select
    project_id,
    identifier_key,
    {activity_date} as activity_date,
    min(occurred_at) as first_at,
    min(occurred_at) as segment_at,
    max(occurred_at) as last_at,
    not is_bot as is_counted
from fct_events
where identifier_key != 0
group by project_id, identifier_key, activity_date, person_id, is_counted;
create or replace view int_event_days as
select project_id, min(occurred_at) as first_seen_at, max(occurred_at) as last_seen_at
from fct_events
group by project_id;
"""


ASKED: dict[str, Any] = {"events": "int_active_days", "where": "is_counted"}
OTHER_RETENTIONS: list[dict[str, Any]] = [
    {"kind": "streak"}, {"cohort": "recurring"}, {"measure": "rolling"}, {"brackets": [(1, 2)]}, {"min_occurrences": 2},
]  # fmt: skip
CALENDARS = {
    "a leap day": (Calendar(), "2024-02-10", ("2024-02-29T00:00",)),
    "Berlin springs forward": (Calendar("Europe/Berlin"), "2026-03-05", ("2026-03-29T01:00", "2026-03-28T23:00")),
    "New York falls back": (Calendar("America/New_York", "sunday"), "2026-10-12", ("2026-11-01T06:00",)),
    "a day without midnight": (Calendar("America/Sao_Paulo", "sunday"), "2018-10-10", ("2018-11-04T03:00",)),
}


@pytest.fixture(scope="module", name="here", params=CALENDARS.values(), ids=list(CALENDARS))
def landed_days(request: pytest.FixtureRequest) -> tuple[World, Calendar, Macros]:
    calendar, first_day, edges = request.param
    world = make_world(53, first_day=first_day, edges=edges)
    world.land()
    macros = Macros({"timezone": calendar.timezone, "week_start": calendar.week_start})
    for statement in UPSTREAM.format(activity_date=macros.call("activity_date")).split(";")[:-1]:
        execute(statement)
    for model in ["int_active_days", "int_person_days", "int_day_gaps", "int_day_returns"]:
        text = (PROJECT_DIR / f"models/marts/engagement/{model}.sql").read_text()
        execute(f"create or replace view {model} as {macros.render(text, config=lambda **_: '')}")
    return world, calendar, macros


@pytest.mark.parametrize("period", PERIODS)
def test_active_users_of_any_window(here: tuple[World, Calendar, Macros], period: str) -> None:
    world, calendar, macros = here
    sql = macros.call("active_users", period=period, windows=[1, 3, 7, 28], **ASKED)
    assert "int_day_gaps" in sql
    found = {
        (row["project_id"], "", row["period_start"]): tuple(
            int(row[name]) for name in ["dau", "active_3d", "wau", "mau"]
        )
        for row in query(sql)
    }
    oracle = active_users(
        world.deeds(where=is_human),
        (1, 3, 7, 28),
        period=period,
        span=Range(calendar=calendar),
        all_deeds=world.deeds(),
    )
    assert found == {
        (project, value, str(start)): tuple(counts[days] for days in (1, 3, 7, 28))
        for (project, value, start), counts in oracle.items()
    }


@pytest.mark.parametrize("period", PERIODS)
def test_lifecycle(here: tuple[World, Calendar, Macros], period: str) -> None:
    world, calendar, macros = here
    sql = macros.call("lifecycle", period=period, **ASKED)
    assert "int_day_gaps" in sql
    found = {(row["project_id"], "", row["period_start"], row["status"]): int(row["persons"]) for row in query(sql)}
    oracle = lifecycle(
        world.deeds(where=is_human), period=period, span=Range(calendar=calendar), all_deeds=world.deeds()
    )
    assert found == {
        (project, value, str(start), status): count for (project, value, start, status), count in oracle.items()
    }


@pytest.mark.parametrize("is_cumulative", [False, True])
@pytest.mark.parametrize("period", PERIODS)
def test_stickiness(here: tuple[World, Calendar, Macros], period: str, is_cumulative: bool) -> None:
    world, calendar, macros = here
    sql = macros.call("stickiness", period=period, cumulative=is_cumulative, **ASKED)
    assert "int_person_days" in sql
    found = {(row["project_id"], "", int(row["active_periods"])): int(row["persons"]) for row in query(sql)}
    oracle = stickiness(
        world.deeds(where=is_human), period=period, cumulative=is_cumulative, span=Range(calendar=calendar),
        all_deeds=world.deeds(),
    )  # fmt: skip
    assert found == dict(oracle)


@pytest.mark.parametrize("period", PERIODS)
def test_retention(here: tuple[World, Calendar, Macros], period: str) -> None:
    world, calendar, macros = here
    sql = macros.call("retention", "*", "*", period=period, periods=9, project_id="shop", **ASKED)
    assert "int_day_returns" in sql
    found = {
        (row["project_id"], "", row["cohort_start"], int(row["period_number"])): (
            int(row["cohort_size"]), int(row["returned"]), bool(row["is_complete"]),
        )
        for row in query(sql)
    }  # fmt: skip
    shop = [deed for deed in world.deeds(where=is_human) if deed.project_id == "shop"]
    question = RetentionQuestion(
        target=Step(("*",)), returning=Step(("*",)), period=period, periods=9, span=Range(calendar=calendar)
    )
    oracle = retention(shop, question, all_deeds=[deed for deed in world.deeds() if deed.project_id == "shop"])
    assert found == {
        (project, value, str(start), number): (cell.cohort_size, cell.returned, cell.is_complete)
        for (project, value, start, number), cell in oracle.items()
    }


@pytest.mark.parametrize(
    "other",
    [
        {"timezone": "Asia/Kathmandu"}, {"where": "true"}, {"start": "2020-01-01"}, {"end": "2030-01-01"},
        {"breakdown": "event"}, {"period": "hour"}, {"events": "fct_events", "where": "not is_bot"},
    ],
)  # fmt: skip
def test_what_the_counts_do_not_know_is_asked_of_the_days(other: dict[str, Any]) -> None:
    macros = Macros()
    for macro in ["active_users", "lifecycle", "stickiness"]:
        sql = macros.call(macro, **{**ASKED, **other})
        assert "int_day_gaps" not in sql
        assert "int_person_days" not in sql
    for asked in [{**ASKED, **other}, *({**ASKED, **kind} for kind in OTHER_RETENTIONS)]:
        assert "int_day_returns" not in macros.call("retention", "*", "*", **asked)
