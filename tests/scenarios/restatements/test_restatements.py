"""Numbers of days that had ended change, and each change is told with what brought it."""

from functools import partial
from typing import Any, Literal

import pytest

from tests.scenarios import records
from tests.scenarios.conftest import VARIABLES, Marts
from tests.support.builder import open_builder
from tests.support.landing import land

PROJECT = "restated"
MODELS = "+trends_daily +active_users_daily +retention_daily +lifecycle_weekly +dim_persons +fct_sessions restatements"
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)
LANDED: dict[str, dict[str, list[dict[str, Any]]]] = {
    "first": {
        "events": [
            event("ada's first", 2, user_id="ada"),
            event("ben's first", 2, user_id="ben"),
            event("ben's second", 4, user_id="ben"),
        ],
        "people": [message("named", "set", 2, user_id="ada", properties={"name": "Ada"})],
    },
    "late": {"events": [event("ada's late one", 3, user_id="ada")]},
    "merge": {"identities": [message("join", "merge", 5, user_id="ada", previous_id="ben")]},
    "unmerge": {"identities": [message("part", "unmerge", 5, user_id="ada", previous_id="ben")]},
    "replay": {"events": [event("cyd's sidelined one", 2, user_id="cyd")]},
    "deletion": {"people": [message("forget", "delete", 6, user_id="ada")]},
    "return": {"people": [message("back", "set", 7, user_id="ada", properties={"name": "Ada"})]},
    "a deletion of who was never seen": {"people": [message("forget too", "delete", 6, user_id="dee")]},
    "a merge of who was never seen": {
        "identities": [message("join dee", "merge", 7, user_id="ben", previous_id="dee")],
    },
    "a deletion before a message of a friend": {
        "identities": [message("join fay", "merge", 6, user_id="cyd", previous_id="fay")],
        "people": [
            message("forget cyd", "delete", 6, user_id="cyd"),
            message("named fay", "set", 7, user_id="fay", properties={"name": "Fay"}),
        ],
    },
    "a parting from the friend": {
        "identities": [message("part fay", "unmerge", 8, user_id="cyd", previous_id="fay")],
    },
}

# In the first batch: a visit with a rest of 20 minutes.
OF_PLANS = {
    "events": [records.event("plans", f"at {minute}", 2, minute=minute, user_id="ada") for minute in (0, 20)],
}

# One run parts two, and joins the one that named them both to a third: nobody has their name any more.
OF_SCATTERED: dict[str, dict[str, list[dict[str, Any]]]] = {
    "first": {
        "events": [records.event("scattered", f"of {user}", 2, user_id=user) for user in ("ben", "dan")]
        + [records.event("scattered", "of ada", 4, user_id="ada")],
        "identities": [records.message("scattered", "join", "merge", 2, user_id="ben", previous_id="dan")],
    },
    "merge": {
        "identities": [
            records.message("scattered", "part", "unmerge", 5, user_id="ben", previous_id="dan"),
            records.message("scattered", "join another", "merge", 5, user_id="ada", previous_id="ben"),
        ],
    },
}

# The run that builds the facts whole reads a late event, too.
OF_SWAPPED = {
    "first": {"events": [records.event("swapped", f"on {day}", day, user_id="ada") for day in (2, 4)]},
    "plan": {
        "events": [records.event("swapped", "late", 2, user_id="ben")],
        "people": [records.message("swapped", "forget", "delete", 5, user_id="ada")],
    },
}


def of_fractions(batch: str) -> list[dict[str, Any]]:
    """Visits of fractions of a second in 30 projects: half of them, the others, then an event within each.

    So the sums of the day stay as they are, in whatever order their terms come.
    """
    visits = [
        (records.event(f"fractions {project}", f"of {user}", 2, user_id=f"user {user}", minute=user), user)
        for project in range(30)
        for user in range(6)
    ]
    moments = {"first": (".000", ".{:03}"), "late": (".000", ".{:03}"), "merge": (".050",)}
    return [
        visit
        | {
            "event_id": f"{visit['event_id']} at {moment}",
            "timestamp": visit["timestamp"].replace("Z", moment.format(100 + 113 * user) + "Z"),
        }
        for visit, user in visits
        for moment in moments.get(batch, ())
        if batch == "merge" or (user % 2 == 0) == (batch == "first")
    ]


@pytest.fixture(scope="module")
def built(marts: Marts, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """Built after each batch, then once more by a plan that leaves out what it counted before, and cuts sessions."""
    for batch, payloads in LANDED.items():
        lane: Literal["live", "replay"] = "replay" if batch == "replay" else "live"
        land(marts.client, marts.settings.raw_database, payloads, lane=lane)
        land(marts.client, marts.settings.raw_database, {"events": of_fractions(batch)})
        land(marts.client, marts.settings.raw_database, OF_SCATTERED.get(batch, {}))
        land(marts.client, marts.settings.raw_database, OF_SWAPPED.get(batch, {}))
        if batch == "first":
            land(marts.client, marts.settings.raw_database, OF_PLANS)
        marts.build(MODELS, tests=batch == "deletion")
    land(marts.client, marts.settings.raw_database, OF_SWAPPED["plan"])
    variables = {**VARIABLES, "default_where": "not is_bot and user_id != 'cyd'", "session_gap": "10 minutes"}
    with open_builder(marts.settings, tmp_path_factory.mktemp("plan"), variables) as builder:
        builder.build("--select", *MODELS.split(), "--indirect-selection", "cautious")
    return marts


def restated(marts: Marts, model: str, measure: str, key: str) -> list[tuple[Any, ...]]:
    """(key, old, new, reasons) in the order of runs."""
    return [
        (row["key"], row["old"], row["new"], row["reasons"])
        for row in marts.rows(f"""
            SELECT key['{key}'] AS key, old, new, reasons FROM {{marts}}.restatements
            WHERE project_id = '{PROJECT}' AND model = '{model}' AND measure = '{measure}'
            ORDER BY run, key
        """)
    ]


def test_a_day_of_the_past_tells_why_its_active_users_are_others(built: Marts) -> None:
    assert restated(built, "active_users_daily", "dau", "period_start") == [
        ("2026-03-03", 0, 1, ["late"]),
        ("2026-03-02", 2, 1, ["merge"]),
        ("2026-03-02", 1, 2, ["unmerge"]),
        ("2026-03-02", 2, 3, ["replay"]),
        ("2026-03-02", 3, 2, ["plan"]),
    ]


def test_who_was_parted_from_a_person_that_nobody_has_any_more_was_not_merged(built: Marts) -> None:
    rows = built.rows("""
        SELECT old, new, reasons FROM {marts}.restatements
        WHERE project_id = 'scattered' AND model = 'active_users_daily' AND measure = 'dau'
    """)
    assert [tuple(row.values()) for row in rows] == [(1, 2, ["unmerge", "merge"])]


def test_a_window_that_reaches_back_tells_of_news_before_its_day(built: Marts) -> None:
    merged = [row for row in restated(built, "active_users_daily", "mau", "period_start") if row[3] == ["merge"]]
    assert merged == [(f"2026-03-0{day}", 2, 1, ["merge"]) for day in (2, 3, 4)]


def test_sessions_are_summed_by_day(built: Marts) -> None:
    assert restated(built, "fct_sessions", "sessions", "session_date") == [
        ("2026-03-03", 0, 1, ["late"]),
        ("2026-03-02", 0, 1, ["replay"]),
    ]


def test_sessions_that_a_plan_cuts_otherwise_are_told(built: Marts) -> None:
    """Also where the table of before is gone."""
    rows = built.rows("""
        SELECT measure, old, new, reasons FROM {marts}.restatements
        WHERE project_id = 'plans' AND model = 'fct_sessions' ORDER BY measure
    """)
    assert [tuple(row.values()) for row in rows] == [
        ("duration_seconds", 1200, 0, ["plan"]),
        ("sessions", 1, 2, ["plan"]),
    ]


def test_what_a_run_that_builds_the_facts_whole_reads_is_told(built: Marts) -> None:
    rows = built.rows("""
        SELECT model, key['period_start'] AS day, measure, old, new, reasons FROM {marts}.restatements
        WHERE project_id = 'swapped' AND (measure IN ('dau', 'deleted_persons'))
        ORDER BY model, key['period_start']
    """)
    assert [tuple(row.values()) for row in rows] == [
        ("active_users_daily", "2026-03-02", "dau", 1, 2, ["plan", "late"]),
        ("dim_persons", "", "deleted_persons", 0, 1, ["plan", "deletion", "late"]),
    ]


def test_persons_are_summed_by_the_day_on_which_they_were_first_seen(built: Marts) -> None:
    assert restated(built, "dim_persons", "persons", "first_seen_date") == [
        ("2026-03-02", 2, 1, ["merge"]),
        ("2026-03-02", 1, 2, ["unmerge"]),
        ("2026-03-02", 0, 1, ["replay"]),
    ]
    assert restated(built, "dim_persons", "deleted_persons", "first_seen_date") == [
        ("2026-03-02", 0, 1, ["deletion"]),
        ("2026-03-02", 1, 0, ["late"]),
        ("2026-03-02", 0, 1, ["merge"]),
        ("2026-03-02", 0, 1, ["unmerge"]),
    ]


def test_what_no_news_touched_is_not_restated(built: Marts) -> None:
    """Trends of 4 March were counted anew by every run, and stayed as they were until persons merged."""
    rows = built.rows(f"""
        SELECT DISTINCT reason FROM {{marts}}.restatements
        WHERE project_id = '{PROJECT}' AND model = 'trends_daily' AND key['period_start'] = '2026-03-04'
    """)
    assert rows == []


def test_a_sum_of_other_terms_that_comes_to_the_same_is_not_restated(built: Marts) -> None:
    rows = built.rows("""
        SELECT run, uniqExact(project_id) AS projects, min(new - old) > 0.1 AS is_more FROM {marts}.restatements
        WHERE project_id LIKE 'fractions %' AND model = 'fct_sessions' AND measure = 'duration_seconds'
        GROUP BY run
    """)
    assert [(row["projects"], row["is_more"]) for row in rows] == [(30, 1)]


def test_every_restatement_has_a_reason(built: Marts) -> None:
    assert built.rows(f"SELECT * FROM {{marts}}.restatements WHERE project_id = '{PROJECT}' AND empty(reasons)") == []


def test_a_first_build_restates_nothing(built: Marts) -> None:
    assert built.rows("SELECT count() AS rows FROM {marts}.restatements WHERE run = 1") == [{"rows": 0}]
