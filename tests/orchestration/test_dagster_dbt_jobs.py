"""Each job that asks dbt, on a real warehouse: the project is parsed once for them all."""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from clickhouse_connect.driver.client import Client
from dagster import AssetKey
from dagster._core.instance.runs.run_domain import RunDomain

from loaders.settings import Settings
from loaders.warehouse import connect as connect_as_loader
from local.stack import Stack
from orchestration.lib.manifest import prepared_project
from orchestration.lib.warehouse import connect_as_dbt
from tests.support.clickhouse import connect
from tests.support.dagster_runs import EVENT, failed_checks, metadata, name_of, run
from tests.support.databases import drop_databases, open_databases, settings_of_its_own
from tests.support.landing import land
from tests.support.processes import listening_in
from tests.support.waiting import eventually
from tests.support.warm_dbt import folder_of_warm_processes, ran_warm


@pytest.fixture(scope="module")
def warm_settings(defs: dg.Definitions, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings for which a dbt is warm, as the process's environment: the same for each test, whose runs find it so."""
    mine = settings_of_its_own(stack)
    with pytest.MonkeyPatch.context() as patch, folder_of_warm_processes() as runtime:
        for name, value in {
            **mine.as_environment(),
            "THROUGHLINE_LOCAL_DIR": str(tmp_path_factory.mktemp("local")),
            "THROUGHLINE_DBT_WARM_SECONDS": "600",
            "XDG_RUNTIME_DIR": str(runtime),
        }.items():
            patch.setenv(name, value)
        # dbt begins with what was parsed here, and leaves a warm process behind.
        prepared_project()
        with open_databases(mine), dg.DagsterInstance.ephemeral() as instance:
            run(defs, instance, "models_minute", "staging/guarded_identifiers")
        eventually(lambda: bool(listening_in(runtime)), "a warm process", seconds=60)
        yield mine


@pytest.fixture
def settings(warm_settings: Settings) -> Iterator[Settings]:
    """The databases are each test's own, by turns."""
    yield warm_settings
    with connect(warm_settings, "admin") as client:
        drop_databases(client, warm_settings)


@pytest.fixture
def warehouse(settings: Settings) -> Settings:
    return settings


# A small part of the graph with seeds, views and models of rows.
SEEDS = ("staging/guarded_identifiers", "staging/channel_rules")
MODELS = (
    "staging/stg_raw__events",
    "staging/stg_raw__event_keys",
    "marts/stg_raw__event_times",
    "staging/stg_raw__event_copies",
)


def test_models_are_built_from_what_landed_and_their_tests_are_checks(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    land(raw, warehouse.raw_database, {"events": [{"event_id": "a", **EVENT}, {"event_id": "b", **EVENT}]})
    result = run(defs, instance, "models_nightly", *SEEDS, *MODELS)
    built = {event.asset_key for event in result.get_asset_materialization_events()}
    assert built == {AssetKey(name.split("/")) for name in (*SEEDS, *MODELS)}
    assert len(result.get_asset_check_evaluations()) >= 2
    assert failed_checks(result) == set()
    assert raw.command(f"select count() from {warehouse.staging_database}.stg_raw__events") == 2
    [told] = [one for one in result.get_asset_materialization_events() if name_of(one) == "stg_raw__event_copies"]
    cost = metadata(told)
    assert cost["queries"] >= 1
    assert cost["rows_read"] >= 2
    assert cost["peak_memory_bytes"] > 0
    [source] = dict(cost["dagster/column_lineage"].deps_by_column)["event_id"]
    assert (source.asset_key, source.column_name) == (AssetKey(["staging", "stg_raw__events"]), "event_id")
    ids = ", ".join(f"'{one}'" for one in cost["query_ids"])
    assert raw.query(f"select count() from system.query_log where query_id in ({ids})").result_rows[0][0] > 0


def test_a_retry_begins_with_the_model_that_failed_where_the_others_were_committed(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    people = "staging/stg_raw__people_records"
    raw.command(f"alter table {warehouse.raw_database}.people rename column payload to lost")
    failed = failed_run(defs, instance, *SEEDS, *MODELS, people)
    assert failed.tags["dagster/retry_strategy"] == "FROM_ASSET_FAILURE"
    plan = instance.get_execution_plan_snapshot(failed.execution_plan_snapshot_id or "")
    again, _ = RunDomain(instance).get_keys_to_reexecute(failed.run_id, plan)
    assert {"/".join(key.path) for key in again} == {people}
    # Whatever keeps a run from committing what it has built.
    raw.command(f"alter table {warehouse.marts_database}.run_commits rename column data_through to lost")
    uncommitted = failed_run(defs, instance, *MODELS)
    assert uncommitted.tags["dagster/retry_strategy"] == "ALL_STEPS"


def failed_run(defs: dg.Definitions, instance: dg.DagsterInstance, *models: str) -> dg.DagsterRun:
    """A nightly build of these models that fails, as Dagster keeps it."""
    result = run(defs, instance, "models_nightly", *models, ok=False)
    failed = instance.get_run_by_id(result.run_id)
    assert failed is not None
    return failed


def test_a_backfill_builds_the_chosen_models_for_the_chosen_days(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    land(raw, warehouse.raw_database, {"events": [{"event_id": "a", **EVENT}]})
    chosen = {"ops": {"models__days": {"config": {"select": "guarded_identifiers"}}}}
    days = {"dagster/asset_partition_range_start": "2026-01-01", "dagster/asset_partition_range_end": "2026-01-07"}
    result = defs.resolve_job_def("models_backfill").execute_in_process(instance=instance, run_config=chosen, tags=days)
    assert {name_of(event) for event in result.get_asset_materialization_events()} == {"guarded_identifiers", "days"}
    assert len(instance.get_materialized_partitions(AssetKey(["models", "days"]))) == 7
    shown = "select query from system.query_log where query like '%guarded_identifiers%' and user = 'dbt' limit 1"
    assert raw.command(shown)


@pytest.mark.parametrize("job", ["models_minute", "models_hourly"])
def test_the_jobs_of_the_other_selectors_build_too(
    job: str, defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    result = run(defs, instance, job, "staging/guarded_identifiers")
    assert [name_of(event) for event in result.get_asset_materialization_events()] == ["guarded_identifiers"]
    [[rows]] = raw.query(f"select count() from {warehouse.staging_database}.guarded_identifiers").result_rows
    assert rows > 0


def test_maintenance_merges_parts_and_removes_what_nobody_reads(
    defs: dg.Definitions, instance: dg.DagsterInstance, warehouse: Settings, raw: Client
) -> None:
    database = warehouse.raw_database
    raw.command(
        f"insert into {database}.load_claims (topic, partition, epoch, claim, claimed_at) values "
        "('t', 0, 1, 'a', now64(3) - interval 30 day), ('t', 0, 2, 'b', now64(3) - interval 20 day)"
    )
    results = [run(defs, instance, job) for job in ("merge_parts", "maintain")]
    told = {name_of(one): metadata(one) for result in results for one in result.get_asset_materialization_events()}
    assert told["expired"]["claims"] == 1
    assert raw.command(f"select max(epoch) from {database}.load_claims") == 2
    assert told["merged_parts"]["partitions"] == 0
    assert told["closed_rows"].keys() == {"tables", "rows"}
    assert told["old_runs"] == {"runs": 0, "rows": 0}


def test_closed_rows_may_take_longer_to_remove_than_another_query(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    warehouse: Settings,
    raw: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marts = warehouse.marts_database
    raw.command(f"create table {marts}.run_commits (model String, run UInt64) order by run as select 'dim_persons', 1")
    raw.command(f"create table {marts}.run_removals (run UInt64) order by run")
    raw.command(
        f"create table {marts}.dim_persons_data"
        " (number UInt64, run UInt64, closed UInt64 alias run + sleepEachRow(0.015))"
        " order by number as select number, number > 0 as run from numbers(100)"
    )
    for connecting in (connect_as_loader, connect_as_dbt):
        monkeypatch.setattr(connecting, "__kwdefaults__", {"patience_seconds": 1})
    [told] = run(defs, instance, "maintain", "maintenance/closed_rows").get_asset_materialization_events()
    assert metadata(told) == {"tables": 1, "rows": 99}


def test_dagster_hears_of_a_warm_run_what_it_hears_of_others(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    warehouse: Settings,
    raw: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build() -> tuple[list[AssetKey | None], list[tuple[str, bool]]]:
        result = run(defs, instance, "models_nightly", "staging/channel_rules")
        told, checks = result.get_asset_materialization_events(), result.get_asset_check_evaluations()
        return [event.asset_key for event in told], sorted((check.check_name, check.passed) for check in checks)

    runtime = Path(os.environ["XDG_RUNTIME_DIR"])
    before = ran_warm(runtime)
    warm = build()
    assert ran_warm(runtime) == before + 1
    with monkeypatch.context() as cold:
        cold.setenv("THROUGHLINE_DBT_WARM_SECONDS", "0")
        assert build() == warm
    assert ran_warm(runtime) == before + 1
    assert warm[0] == [AssetKey(["staging", "channel_rules"])]
