"""The books that judge a trial of kills."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from tests.orchestration.chaos import books
from tests.support.clickhouse import connect
from tests.support.waiting import eventually


def node(name: str, *, kind: str = "model", schema: str = "staging", materialized: str = "table") -> dict[str, Any]:
    return {"name": name, "resource_type": kind, "schema": schema, "config": {"materialized": materialized}}


def test_relations_are_compared_and_what_else_has_a_result_is_not(tmp_path: Path) -> None:
    nodes = {
        "model.t.daily": node("daily", schema="marts_x"),
        "model.t.log": node("log", materialized="ledger"),
        "model.t.fct": node("fct"),
        "seed.t.plan": node("plan", kind="seed", materialized="seed"),
        "test.t.unique": node("unique", kind="test"),
    }
    results = [*nodes, "exposure.t.dashboard"]
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    (tmp_path / "run_results.json").write_text(json.dumps({"results": [{"unique_id": name} for name in results]}))
    assert books.models(tmp_path) == [("marts", "daily"), ("staging", "fct"), ("staging", "plan")]


def test_runs_that_send_queries_at_the_same_time_are_found(clickhouse: Client, settings: Settings) -> None:
    with ThreadPoolExecutor() as pool:
        pool.submit(send, settings, f"{of_run(settings, 1)} select sleep(1)")
        eventually(lambda: runs(clickhouse, "sleep(1)"), "the query of run 1")
        send(settings, f"{of_run(settings, 2)} select 1")
    [found] = books.overlaps(clickhouse, settings)
    assert found.startswith("models: 00000002 began 0.")


def test_asking_for_a_lock_that_goes_on_meanwhile_is_no_overlap(clickhouse: Client, settings: Settings) -> None:
    lock = f"{settings.staging_database}.lock_models_00000001"
    clickhouse.command(f"create table {lock} (beat_at DateTime) engine = MergeTree order by beat_at")
    clickhouse.command(f"insert into {lock} values (now())")
    send(settings, f"{of_run(settings, 1)} select 1")
    with ThreadPoolExecutor() as pool:
        pool.submit(send, settings, f"select max(beat_at), sleep(1) from {lock}")
        eventually(lambda: runs(clickhouse, lock), "the query on the lock")
        send(settings, f"{of_run(settings, 2)} select 1")
    assert list(books.overlaps(clickhouse, settings)) == []


def of_run(settings: Settings, epoch: int) -> str:
    return f'/* {{"app": "dbt", "run": "{settings.staging_database}.lock_models_{epoch:08d}"}} */'


def runs(client: Client, text: str) -> bool:
    query = "select count() from system.processes where user = 'dbt' and position(query, {text:String}) > 0"
    [[count]] = client.query(query, parameters={"text": text}).result_rows
    return bool(count)


def send(settings: Settings, query: str) -> None:
    with connect(settings, "dbt") as client:
        client.query(query)
