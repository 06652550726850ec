"""Marts of days go on from what stands, and are what their macros count of all events."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from tests.scenarios import records
from tests.scenarios.conftest import Marts
from tests.scenarios.counted import compiled, shown
from tests.support.landing import land

PROJECT = "days"
MODELS = " ".join([
    "+fct_events", "+active_users_daily", "+lifecycle_weekly", "+stickiness_weekly",
    "+retention_daily", "+retention_weekly", "+retention_monthly",
])  # fmt: skip
# By the macros of all events, which know no counts of days.
OF_EVENTS = {
    "active_users_daily": "active_users(where=var('default_where'))",
    "lifecycle_weekly": "lifecycle(period='week', where=var('default_where'))",
    "stickiness_weekly": "stickiness(period='week', where=var('default_where'))",
    "retention_daily": "retention('*', '*', period='day', periods=31, where=var('default_where'))",
    "retention_weekly": "retention('*', '*', period='week', periods=13, where=var('default_where'))",
    "retention_monthly": "retention('*', '*', period='month', periods=13, where=var('default_where'))",
}
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)

BATCHES: dict[str, Mapping[str, list[dict[str, Any]]]] = {
    "history": {
        "events": [
            event("ada", 2, user_id="ada"),
            event("ada again", 20, user_id="ada"),
            event("ben", 3, user_id="ben"),
            event("tablet", 9, device_id="tablet"),
            event("nobody", 31),
            event("worse", 5, user_id="cyd"),
            event("bot", 1, device_id="robot", properties=records.BOT),
        ]
    },
    "an event of a day that is known": {"events": [event("same day", 2, minute=1, user_id="ada")]},
    "a late first day, and a day between": {
        "events": [event("first", 1, user_id="ada"), event("between", 12, user_id="ada")]
    },
    "two are one": {"identities": [message("join", "merge", 21, user_id="ada", previous_id="ben")]},
    "they part, and one of them came back": {
        "identities": [message("part", "unmerge", 21, user_id="ada", previous_id="ben")],
        "events": [event("back", 28, user_id="ben")],
    },
    "a better copy is of another device": {
        "events": [event("worse", 5, device_id="phone", received_at="2026-03-05T00:00:00Z")]
    },
    "a device has an owner": {"events": [event("login", 10, device_id="tablet", user_id="dee")]},
    "a kiosk has none": {
        "events": [event(f"of {user}", 11, minute=9, device_id="tablet", user_id=user) for user in "wxyz"]
    },
    "nothing": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def counted(marts: Marts, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the macros count of all events, as SQL; after the first batch."""
    land(marts.client, marts.settings.raw_database, BATCHES["history"])
    marts.build(MODELS)
    return compiled(marts, OF_EVENTS, tmp_path_factory.mktemp("counted"))


def written(marts: Marts, model: str) -> int:
    """How many rows of a model were ever written."""
    [row] = marts.rows(f"SELECT count() AS count FROM {model}_data")
    return int(row["count"])


def test_each_batch_counts_as_all_events_do(marts: Marts, counted: Mapping[str, str]) -> None:
    for batch, payloads in BATCHES.items():
        if batch != "history":
            land(marts.client, marts.settings.raw_database, payloads)
            marts.build(MODELS)
        for mart, query in counted.items():
            found = shown(marts, mart, f"SELECT * FROM {marts.settings.marts_database}.{mart}", PROJECT)
            assert found == shown(marts, mart, query, PROJECT) != [], f"{mart} after: {batch}"


@pytest.mark.usefixtures("counted")
def test_a_batch_writes_the_days_of_those_who_have_others(marts: Marts) -> None:
    models = ["{staging}.int_person_days", "{staging}.int_day_gaps", "{staging}.int_day_returns"]
    before = [written(marts, model) for model in models]
    known = {"events": [event("once more", 28, minute=2, user_id="ben")]}
    land(marts.client, marts.settings.raw_database, known)
    marts.build(MODELS)
    assert [written(marts, model) for model in models] == before
    land(marts.client, marts.settings.raw_database, {"events": [event("a new day", 29, user_id="ben")]})
    marts.build(MODELS)
    [person_days, gaps, returns] = [written(marts, model) for model in models]
    # Ben's days; from the 28th to the 29th and the 29th as the last day; the 29th of those who began as he did.
    assert (person_days, gaps, returns) == (before[0] + 1, before[1] + 2, before[2] + 1)
