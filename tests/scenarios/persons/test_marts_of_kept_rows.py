"""Funnels and paths count rows by person that go on from what stands, and are what their macros count of all events."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from tests.scenarios import records
from tests.scenarios.conftest import Marts
from tests.scenarios.counted import compiled, shown
from tests.support.landing import land

PROJECT = "persons"
MODELS = "+funnel_purchase +paths_session"
KEPT = ["{staging}.int_funnel_purchase_persons", "{staging}.int_paths_session_persons"]
OF_EVENTS = {
    "funnel_purchase": "funnel(**purchase_funnel())",
    "paths_session": "paths(top=200, where=var('default_where'))",
}
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)

BATCHES: dict[str, Mapping[str, list[dict[str, Any]]]] = {
    "history": {
        "events": [
            event("ada sees", 2, "view_item", user_id="ada"),
            event("ada takes", 2, "add_to_cart", minute=3, user_id="ada"),
            event("ben sees", 3, "view_item", user_id="ben"),
            event("ben looks", 3, "look", minute=1, user_id="ben"),
            event("cyd sees", 5, "view_item", user_id="cyd"),
            event("worse", 5, "look", minute=2, user_id="cyd"),
            event("tablet sees", 9, "view_item", device_id="tablet"),
            event("tablet takes", 9, "add_to_cart", minute=5, device_id="tablet"),
            event("bot sees", 1, "view_item", device_id="robot", properties=records.BOT),
            event("nobody", 30, "look"),
            # Bytes that are no letters, and names that look like the numbers before them.
            event("odd", 6, "7 1 ä\u0000", device_id="odd"),
            event("odd too", 6, "1 7 ", minute=1, device_id="odd"),
        ]
    },
    "a late start, a step between and one further on": {
        "events": [
            event("ada saw", 1, "view_item", minute=9, user_id="ada"),
            event("between", 2, "look", minute=2, user_id="ada"),
            event("ada goes", 4, "begin_checkout", user_id="ada"),
        ]
    },
    "two are one": {"identities": [message("join", "merge", 8, user_id="ada", previous_id="ben")]},
    "who is one buys": {"events": [event("bought", 8, "purchase", user_id="ben")]},
    "they part, and data goes on": {
        "identities": [message("part", "unmerge", 8, user_id="ada", previous_id="ben")],
        "events": [event("later", 28, "look", user_id="eve")],
    },
    "a better copy is of another device": {
        "events": [event("worse", 5, "look", minute=2, device_id="phone", received_at="2026-03-05T00:00:00Z")]
    },
    "a device has an owner": {"events": [event("login", 10, "login", device_id="tablet", user_id="dee")]},
    "two sessions of a device": {
        "events": [
            event("apart", 12, "view_item", minute=0, device_id="laptop"),
            event("apart too", 12, "add_to_cart", minute=50, device_id="laptop"),
        ]
    },
    "are one": {"events": [event("bridge", 12, "look", minute=25, device_id="laptop")]},
    "of one instant": {"events": [event("a bridge", 12, "share", minute=25, device_id="laptop")]},
    "a kiosk has no owner": {
        "events": [event(f"of {user}", 11, "look", minute=9, device_id="tablet", user_id=user) for user in "wxyz"]
    },
    "nothing": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def counted(marts: Marts, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the macros count of all events, as SQL; after the first batch."""
    land(marts.client, marts.settings.raw_database, BATCHES["history"])
    marts.build(MODELS)
    return compiled(marts, OF_EVENTS, tmp_path_factory.mktemp("counted"))


def persons_written(marts: Marts) -> list[int]:
    """How many rows of the two models were ever written."""
    return [int(marts.rows(f"SELECT count() AS count FROM {model}_data")[0]["count"]) for model in KEPT]


def test_each_batch_counts_as_all_events_do(marts: Marts, counted: Mapping[str, str]) -> None:
    for batch, payloads in BATCHES.items():
        if batch != "history":
            land(marts.client, marts.settings.raw_database, payloads)
            marts.build(MODELS)
        for mart, query in counted.items():
            assert "_persons" not in query, "this would compare the mart with itself"
            found = shown(marts, mart, f"SELECT * FROM {marts.settings.marts_database}.{mart}", PROJECT)
            assert found == shown(marts, mart, query, PROJECT) != [], f"{mart} after: {batch}"


@pytest.mark.usefixtures("counted")
def test_a_batch_writes_the_rows_of_those_who_have_others(marts: Marts) -> None:
    [funnels, paths] = persons_written(marts)
    # One more look is another edge, and no other step.
    land(marts.client, marts.settings.raw_database, {"events": [event("fay", 14, "look", user_id="fay")]})
    marts.build(MODELS)
    assert persons_written(marts) == [funnels, paths]
    step = event("fay sees", 14, "view_item", minute=1, user_id="fay")
    land(marts.client, marts.settings.raw_database, {"events": [step]})
    marts.build(MODELS)
    assert persons_written(marts) == [funnels + 1, paths + 1]
