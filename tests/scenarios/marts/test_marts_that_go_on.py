"""Marts that go on from what stands are, after each batch, what their macros count of all events."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import pytest

from tests.scenarios.conftest import Marts
from tests.scenarios.marts import days, events, persons
from tests.scenarios.marts.counted import compiled, shown
from tests.support.landing import land

WORLDS = (days, events, persons)
OF_EVENTS = {mart: relation for world in WORLDS for mart, relation in world.OF_EVENTS.items()}
MODELS = " ".join(f"+{model}" for model in ["fct_events", *OF_EVENTS])
# A batch of each project lands at once; when one has no more, nothing new is a batch as well.
BATCHES: list[tuple[tuple[str, Mapping[str, list[dict[str, Any]]]], ...]] = list(
    zip_longest(*(world.BATCHES.items() for world in WORLDS), fillvalue=("nothing", {}))
)


@pytest.fixture(scope="module")
def counted(marts: Marts) -> dict[str, str]:
    """What the macros count of all events, as SQL; after the first batch."""
    for _, payloads in BATCHES[0]:
        land(marts.client, marts.settings.raw_database, payloads)
    marts.build(MODELS, tests=False)
    return compiled(marts, OF_EVENTS)


def written(marts: Marts, *models: str) -> list[int]:
    """How many rows of models of `staging` were ever written."""
    return [int(marts.rows(f"SELECT count() AS count FROM {{staging}}.{model}_data")[0]["count"]) for model in models]


def assert_counts_all(marts: Marts, counted: Mapping[str, str], after: str) -> None:
    for world in WORLDS:
        for mart in world.OF_EVENTS:
            assert "_persons" not in counted[mart], "this would compare the mart with itself"
            found = shown(marts, mart, f"SELECT * FROM {marts.settings.marts_database}.{mart}", world.PROJECT)
            assert found == shown(marts, mart, counted[mart], world.PROJECT) != [], f"{mart} after: {after}"


def looked_at(marts: Marts) -> int:
    """How often so far `trends_daily` was counted by what changed."""
    marts.client.command("SYSTEM FLUSH LOGS")
    [row] = marts.rows(f"""
        SELECT count() AS times FROM system.query_log
        WHERE type = 'QueryFinish' AND user = 'dbt' AND event_time_microseconds >= '{marts.made_at}'
            AND match(query, 'create or replace table `{{marts}}`.`trends_daily__[0-9]+_looked_at`')
    """)
    return int(row["times"])


def test_each_batch_counts_as_all_events_do(marts: Marts, counted: Mapping[str, str]) -> None:
    for number, batches in enumerate(BATCHES):
        if number:
            for _, payloads in batches:
                land(marts.client, marts.settings.raw_database, payloads)
            # dbt's tests look at all that came since they passed.
            marts.build(MODELS, tests=number == len(BATCHES) - 1)
        assert_counts_all(marts, counted, " and ".join(batch for batch, _ in batches))
        assert looked_at(marts) == number


def test_trends_are_counted_whole_where_persons_changed_in_two_runs_since(
    marts: Marts, counted: Mapping[str, str]
) -> None:
    # The last run that all models finish together, and no look-up is loaded in it.
    marts.build(f"{MODELS} --exclude person_lookup", tests=False)
    before = looked_at(marts)
    for nth, kind in enumerate(["merge", "unmerge"]):
        messages = [events.message(f"{kind} {nth}", kind, 10 + nth, user_id="cyd", previous_id="dee")]
        land(marts.client, marts.settings.raw_database, {"identities": messages})
        marts.build("+fct_events +int_event_days", tests=False)
    marts.forget_old_runs()
    later = events.event("later", 9, user_id="ada")
    land(marts.client, marts.settings.raw_database, {"events": [later]})
    marts.build(MODELS)
    assert looked_at(marts) == before
    assert_counts_all(marts, counted, "two runs without the marts")


def test_trends_are_counted_whole_where_the_sessions_are_behind_the_events_or_were(
    marts: Marts, counted: Mapping[str, str]
) -> None:
    before = looked_at(marts)
    for nth, left_out in enumerate(["--exclude int_sessions_aggregated", ""]):
        known = events.event(f"{nth} more", 9, minute=nth, user_id="ada")
        land(marts.client, marts.settings.raw_database, {"events": [known]})
        marts.build(f"{MODELS} {left_out}", tests=False)
    assert looked_at(marts) == before
    assert_counts_all(marts, counted, "a run without sessions")


def test_paths_know_the_order_of_events_at_one_time_where_the_sessions_are_behind(
    marts: Marts, counted: Mapping[str, str]
) -> None:
    # The ids tell another order than the names.
    first, then = (
        persons.event(f"{place} at once", 16, step, user_id="gus") for place, step in [("1", "greet"), ("2", "adieu")]
    )
    for landed, left_out in ((first, ""), (then, "--exclude int_sessions_aggregated"), (None, "")):
        land(marts.client, marts.settings.raw_database, {"events": [landed] if landed else []})
        marts.build(f"{MODELS} {left_out}", tests=False)
        for paths in ("{marts}.paths_session", f"({counted['paths_session']})"):
            edges = marts.rows(f"SELECT source, target FROM {paths} WHERE source IN ('greet', 'adieu')")
            assert edges == ([] if landed is first else [{"source": "greet", "target": "adieu"}]), left_out
    assert_counts_all(marts, counted, "the sessions were behind")


def test_what_no_model_has_to_read_is_removed_and_the_rest_stays(marts: Marts, counted: Mapping[str, str]) -> None:
    assert marts.maintain() > 0
    assert marts.maintain() == 0
    assert_counts_all(marts, counted, "rows were removed")
    changes = [
        days.message("once more one", "merge", 22, user_id="ada", previous_id="ben"),
        persons.message("one again", "merge", 15, user_id="eve", previous_id="fay"),
    ]
    land(marts.client, marts.settings.raw_database, {"identities": changes})
    # Without the marts, and the rows that they count, which have yet to read what this run closes.
    marts.build("+fct_events", tests=False)
    assert marts.maintain() == 0
    marts.build(MODELS)
    assert_counts_all(marts, counted, "the marts were left out once")
    assert marts.maintain() > 0


@pytest.mark.usefixtures("counted")
def test_a_batch_writes_the_rows_of_those_who_have_others(marts: Marts) -> None:
    models = [
        "int_person_days", "int_day_gaps", "int_day_returns", "int_funnel_purchase_persons", "int_paths_session_persons"
    ]  # fmt: skip
    before = written(marts, *models)
    # A day that is known is no other day; one more look is no step, and of one node no edge.
    known = days.event("once more", 28, minute=2, user_id="ben")
    look = persons.event("fay looks on", 14, "look", minute=1, user_id="fay")
    land(marts.client, marts.settings.raw_database, {"events": [known, look]})
    marts.build(MODELS, tests=False)
    assert written(marts, *models) == before
    new_day = days.event("a new day", 29, user_id="ben")
    step = persons.event("fay sees", 14, "view_item", minute=2, user_id="fay")
    land(marts.client, marts.settings.raw_database, {"events": [new_day, step]})
    marts.build(MODELS)
    # Ben's days; from the 28th to the 29th and the 29th as the last day; the 29th of those who began as he did. Fay's
    # start of a funnel, and her first edge.
    assert written(marts, *models) == [rows + more for rows, more in zip(before, [1, 2, 1, 1, 1], strict=True)]
