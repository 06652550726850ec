"""Marts that go on from what stands are, after each batch, what their macros count of all events."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import pytest

from orchestration.lib.closed_rows import VersionedModel, remove_closed_rows
from tests.scenarios.conftest import Marts
from tests.scenarios.marts import days, persons
from tests.scenarios.marts.counted import compiled, shown
from tests.support.landing import land

OF_EVENTS = {**days.OF_EVENTS, **persons.OF_EVENTS}
MODELS = " ".join(f"+{model}" for model in ["fct_events", *OF_EVENTS])
# A batch of each project lands at once; when one has no more, nothing new is a batch as well.
BATCHES: list[tuple[tuple[str, Mapping[str, list[dict[str, Any]]]], ...]] = list(
    zip_longest(days.BATCHES.items(), persons.BATCHES.items(), fillvalue=("nothing", {}))
)


@pytest.fixture(scope="module")
def counted(marts: Marts, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the macros count of all events, as SQL; after the first batch."""
    for _, payloads in BATCHES[0]:
        land(marts.client, marts.settings.raw_database, payloads)
    marts.build(MODELS, tests=False)
    return compiled(marts, OF_EVENTS, tmp_path_factory.mktemp("counted"))


def written(marts: Marts, *models: str) -> list[int]:
    """How many rows of models of `staging` were ever written."""
    return [int(marts.rows(f"SELECT count() AS count FROM {{staging}}.{model}_data")[0]["count"]) for model in models]


def forget(marts: Marts) -> int:
    """Remove the closed rows that nobody needs, however few they are; how many."""
    models = []
    for model in marts.builder.models:
        forgets = model["materialized"] == "versioned" and model["name"] != "person_ids"
        table = f"{model['schema']}.{model['alias']}_data" if forgets else None
        if model["materialized"] in ("versioned", "ledger"):
            models.append(VersionedModel(model["alias"], table))
    return sum(remove_closed_rows(marts.client, marts.settings.marts_database, models, least_share=0).values())


def assert_counts_all(marts: Marts, counted: Mapping[str, str], after: str) -> None:
    for project, asked in ((days.PROJECT, days.OF_EVENTS), (persons.PROJECT, persons.OF_EVENTS)):
        for mart in asked:
            assert "_persons" not in counted[mart], "this would compare the mart with itself"
            found = shown(marts, mart, f"SELECT * FROM {marts.settings.marts_database}.{mart}", project)
            assert found == shown(marts, mart, counted[mart], project) != [], f"{mart} after: {after}"


def test_each_batch_counts_as_all_events_do(marts: Marts, counted: Mapping[str, str]) -> None:
    for number, batches in enumerate(BATCHES):
        if number:
            for _, payloads in batches:
                land(marts.client, marts.settings.raw_database, payloads)
            # dbt's tests look at all that came since they passed.
            marts.build(MODELS, tests=number == len(BATCHES) - 1)
        assert_counts_all(marts, counted, " and ".join(batch for batch, _ in batches))


def test_what_no_model_has_to_read_is_removed_and_the_rest_stays(marts: Marts, counted: Mapping[str, str]) -> None:
    assert forget(marts) > 0
    assert forget(marts) == 0
    assert_counts_all(marts, counted, "rows were removed")
    changes = [
        days.message("once more one", "merge", 22, user_id="ada", previous_id="ben"),
        persons.message("one again", "merge", 15, user_id="eve", previous_id="fay"),
    ]
    land(marts.client, marts.settings.raw_database, {"identities": changes})
    # Without the marts, and the rows that they count, which have yet to read what this run closes.
    marts.build("+fct_events", tests=False)
    assert forget(marts) == 0
    marts.build(MODELS)
    assert_counts_all(marts, counted, "the marts were left out once")
    assert forget(marts) > 0


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
