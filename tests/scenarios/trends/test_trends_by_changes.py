"""`trends_daily` goes on from what stands, and is what `trends` counts of all events."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from tests.scenarios import records
from tests.scenarios.conftest import GUARDS, Marts
from tests.support.dbt import run_dbt
from tests.support.landing import land

PROJECT = "changing"
MODELS = "+trends_daily"
COUNTED = """
    select project_id, period_start, toString(breakdown) as event, measure as measure_name, value from {{ trends(
        '*', measure=['total', 'persons', 'sessions'], breakdown='event', where=var('default_where')
    ) }}
"""
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)
BATCHES: dict[str, Mapping[str, list[dict[str, Any]]]] = {
    "history": {
        "events": [
            event("ada", 2, user_id="ada"),
            event("ben", 2, user_id="ben"),
            event("ben again", 4, user_id="ben"),
            event("tablet", 4, "leave", device_id="tablet"),
            event("nobody", 4),
            event("worse", 5, "mistake", user_id="cyd"),
            event("bot", 5, device_id="robot", properties=records.BOT),
        ]
    },
    "a late event, a new name, a new day, a bot of a name of its own": {
        "events": [
            event("late", 3, user_id="ada"),
            event("new", 6, "pay", user_id="ada"),
            event("other bot", 6, "crawl", device_id="robot", properties=records.BOT),
        ]
    },
    "two of one day are one": {"identities": [message("join", "merge", 5, user_id="ada", previous_id="ben")]},
    "they part, and one of them came back": {
        "identities": [message("part", "unmerge", 5, user_id="ada", previous_id="ben")],
        "events": [event("back", 2, minute=1, user_id="ben")],
    },
    "a better copy has another name, so the first one is no name any more": {
        "events": [event("worse", 5, user_id="cyd", received_at="2026-03-05T00:00:00Z")]
    },
    "sessions are joined, and their device has an owner": {
        "events": [
            event("apart", 7, minute=0, device_id="phone"),
            event("apart too", 7, minute=50, device_id="phone"),
            event("tablet's owner", 4, minute=5, device_id="tablet", user_id="dee"),
        ]
    },
    "between them": {"events": [event("between", 7, minute=25, device_id="phone", user_id="dee")]},
    "a kiosk has no owner": {
        "events": [event(f"of {user}", 8, minute=9, device_id="tablet", user_id=user) for user in "wxyz"]
    },
    "nothing": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def counted(marts: Marts, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `trends` counts, as SQL; after the first batch."""
    land(marts.client, marts.settings.raw_database, BATCHES["history"])
    marts.build(MODELS, tests=False)
    return run_dbt(
        marts.settings, "--quiet", "compile", "--vars", json.dumps(GUARDS), "--inline", COUNTED,
        target=tmp_path_factory.mktemp("counted"),
    ).stdout  # fmt: skip


def shown(marts: Marts, query: str) -> list[str]:
    rows = marts.client.query(f"SELECT * FROM ({query}) WHERE project_id = '{PROJECT}'").named_results()
    return sorted(str({key: row[key] for key in ("event", "period_start", "measure_name", "value")}) for row in rows)


def mart(marts: Marts) -> str:
    return f"SELECT * REPLACE (toString(event) AS event) FROM {marts.settings.marts_database}.trends_daily"


def looked_at(marts: Marts) -> int:
    """How often so far the mart was counted by what changed."""
    marts.client.command("SYSTEM FLUSH LOGS")
    [row] = marts.rows(f"""
        SELECT count() AS times FROM system.query_log
        WHERE type = 'QueryFinish' AND user = 'dbt' AND event_time_microseconds >= '{marts.made_at}'
            AND query LIKE '%create or replace table `{{marts}}`.`trends_daily__looked_at`%'
    """)
    return int(row["times"])


def test_each_batch_counts_as_all_events_do(marts: Marts, counted: str) -> None:
    assert shown(marts, mart(marts)) == shown(marts, counted) != []
    for number, (batch, payloads) in enumerate(BATCHES.items()):
        if batch != "history":
            land(marts.client, marts.settings.raw_database, payloads)
            # dbt's tests look at all that came since they passed.
            marts.build(MODELS, tests=number == len(BATCHES) - 1)
            assert shown(marts, mart(marts)) == shown(marts, counted), batch
            assert looked_at(marts) == number, batch


def test_built_whole_where_persons_changed_in_two_runs_since(marts: Marts, counted: str) -> None:
    before = looked_at(marts)
    for nth, kind in enumerate(["merge", "unmerge"]):
        messages = [message(f"{kind} {nth}", kind, 10 + nth, user_id="cyd", previous_id="dee")]
        land(marts.client, marts.settings.raw_database, {"identities": messages})
        marts.build("+fct_events +int_event_days", tests=False)
    land(marts.client, marts.settings.raw_database, {"events": [event("later", 9, user_id="ada")]})
    marts.build(MODELS)
    assert looked_at(marts) == before
    assert shown(marts, mart(marts)) == shown(marts, counted)
