"""The tests of a build look at what came since they passed, and compare that with all that came before."""

from typing import Any

import pytest

from tests.scenarios.conftest import Marts
from tests.support.landing import land

HOURLY = ("--select", "+fct_sessions", "+fct_events", "--exclude", "tag:nightly", "--indirect-selection", "cautious")
UNIQUE = "unique_together_int_events_sessionized"


def build(marts: Marts, *names: str, device: str) -> None:
    events: list[dict[str, Any]] = [
        {"event_id": name, "event": "see", "timestamp": "2026-03-02T12:00:00Z", "device_id": device} for name in names
    ]
    land(marts.client, marts.settings.raw_database, {"events": events})
    marts.builder.build(*HOURLY, tests=True)


def store_as(marts: Marts, name: str, other: str) -> None:
    """A row of the facts that no run has written: an event, under the id of another one."""
    facts = f"{marts.settings.marts_database}.int_events_sessionized_data"
    marts.client.command(
        f"INSERT INTO {facts} SELECT * REPLACE ('{other}' AS event_id)"
        f" FROM (SELECT * FROM {facts} WHERE event_id = '{name}' LIMIT 1)"
    )


def test_an_event_that_came_is_compared_with_those_of_before(marts: Marts) -> None:
    build(marts, "first", "second", device="phone")
    store_as(marts, "first", "second")
    # Nothing that came is wrong.
    build(marts, "third", device="tablet")
    with pytest.raises(AssertionError, match=UNIQUE):
        marts.builder.test("--select", "int_events_sessionized")

    store_as(marts, "third", "fourth")
    # What is wrong is told until it is mended, also by builds to which it did not come.
    for name, device in (("fourth", "tablet"), ("fifth", "television")):
        with pytest.raises(AssertionError, match=UNIQUE):
            build(marts, name, device=device)
