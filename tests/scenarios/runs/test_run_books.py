"""What the books say of old runs goes, and nothing that anybody asks."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.scenarios.conftest import Marts
from tests.support.landing import land
from tests.support.upkeep import maintain

MODELS = "+fct_events +active_users_daily +identity_changes +person_id_history restatements mart_status"
SHOWN = {
    "fct_events": "*",
    "active_users_daily": "*",
    "identity_changes": "*",
    "person_id_history": "*",
    "restatements": "*",
    "mart_status": "* except (freshness_seconds)",
}
LANDED = datetime(2026, 4, 1, tzinfo=UTC)
BOOKS = ("runs", "run_positions", "run_models", "run_lookups", "run_commits")


def message(name: str, day: int, **ids: str) -> dict[str, Any]:
    return {"event_id": name, "timestamp": f"2026-03-{day:02}T12:00:00Z", "project_id": "old", **ids}


# The merge changes numbers of a day that is over.
BATCHES: list[dict[str, list[dict[str, Any]]]] = [
    {"events": [{**message(name, 1, user_id=name), "event": "see"} for name in ("ada", "ben", "cyd")]},
    {"identities": [{**message("join", 2, user_id="ada", previous_id="ben"), "type": "merge"}]},
    {"events": [{**message("later", 3, user_id="cyd"), "event": "see"}]},
]


def shown(marts: Marts) -> dict[str, list[dict[str, Any]]]:
    return {name: marts.rows(f"SELECT {columns} FROM {{marts}}.{name} ORDER BY ALL") for name, columns in SHOWN.items()}


def runs_of(marts: Marts, book: str) -> list[int]:
    return [row["run"] for row in marts.rows(f"SELECT DISTINCT run FROM {{marts}}.{book} ORDER BY run")]


@pytest.fixture(scope="module")
def built(marts: Marts) -> Marts:
    for batch in BATCHES:
        land(marts.client, marts.settings.raw_database, batch, loaded_at=LANDED)
        marts.build(MODELS, tests=False)
    return marts


def test_readers_see_the_same_after_old_runs_were_forgotten(built: Marts) -> None:
    before = shown(built)
    assert all(before.values())
    assert built.forget_old_runs(keep_days=7) == {}
    assert built.forget_old_runs().keys() == set(BOOKS)
    assert built.forget_old_runs() == {}
    assert shown(built) == before
    last = runs_of(built, "runs")
    assert len(last) == 1
    assert runs_of(built, "run_positions") == last
    # When it was known who is who, and that numbers were restated.
    [dated] = built.rows("SELECT groupUniqArray(model) AS models FROM {marts}.run_commits WHERE run < 3")
    assert {"person_ids", "identity_changes"} < set(dated["models"])
    assert "int_events_sessionized" not in dated["models"]


def test_the_next_run_goes_on_from_the_last_one(built: Marts) -> None:
    built.forget_old_runs()
    land(built.client, built.settings.raw_database, {"events": [{**message("next", 3, user_id="ben"), "event": "see"}]})
    built.build(MODELS, tests=False)
    [models] = built.rows("SELECT countIf(is_full) AS full FROM {marts}.run_models WHERE run > 3")
    assert models == {"full": 0}
    days = built.rows("SELECT dau FROM {marts}.active_users_daily WHERE period_start = '2026-03-03'")
    assert [row["dau"] for row in days] == [2]


def test_a_model_that_was_out_of_the_project_is_built_whole(built: Marts) -> None:
    """Nobody else reads that an event is in another session, so what it was before is removed."""
    out = "int_identifier_days"

    def back(name: str, at: str) -> dict[str, Any]:
        place = {"project_id": "back", "device_id": "phone"}
        return {"event_id": name, "event": "see", "timestamp": f"2026-03-02T{at}:00Z", **place}

    land(built.client, built.settings.raw_database, {"events": [back("known", "12:00")]})
    built.build(MODELS, tests=False)
    land(built.client, built.settings.raw_database, {"events": [back("before it", "11:50")]})
    built.builder.build("--select", *MODELS.split(), "--exclude", out)
    others = [model for model in built.versioned_models if model.alias != out]
    assert maintain(built.client, built.settings.marts_database, others) > 0
    built.build(MODELS, tests=False)
    days = built.rows(f"SELECT event_count FROM {{staging}}.{out} WHERE project_id = 'back'")
    assert [row["event_count"] for row in days] == [2]


def fresh_to(marts: Marts) -> dict[str, int]:
    """The day of March of the newest event of two marts."""
    rows = marts.rows("""
        SELECT model, toDayOfMonth(data_through) AS day FROM {marts}.mart_status
        WHERE model IN ('fct_events', 'active_users_daily')
    """)
    return {row["model"]: row["day"] for row in rows}


def test_a_mart_is_fresh_to_what_the_models_before_it_have_heard_of(built: Marts) -> None:
    assert fresh_to(built) == {"fct_events": 3, "active_users_daily": 3}
    for day, models in ((10, "+fct_events --full-refresh"), (11, "active_users_daily")):
        seen = {**message(f"on {day}", day, user_id="ben"), "event": "see"}
        land(built.client, built.settings.raw_database, {"events": [seen]}, loaded_at=LANDED)
        built.build(models, tests=False)
        assert fresh_to(built) == {"fct_events": 10, "active_users_daily": 3}


def test_a_restatement_is_dated_without_a_look_at_all_commits(built: Marts) -> None:
    built.client.command(f"""
        INSERT INTO {built.settings.marts_database}.run_commits
        SELECT number, 'gone', toString(number), now(), now(), now() FROM numbers(1000000)
    """)
    query = built.client.query(f"SELECT * FROM {built.settings.marts_database}.restatements")
    assert query.result_rows
    assert int(query.summary["read_rows"]) < 500_000
