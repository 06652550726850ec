"""What Dagster keeps of old runs goes, but for what it still shows."""

from collections.abc import Iterator

import dagster as dg
import pytest

from orchestration.lib.old_runs import remove_old_rows, remove_old_runs

DAYS = dg.DailyPartitionsDefinition("2026-01-01")


@dg.asset
def one() -> None: ...


@dg.asset
def other() -> None: ...


@dg.asset_check(asset=other)
def holds() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.asset(partitions_def=DAYS)
def daily() -> None: ...


@dg.asset
def broken() -> None:
    raise ValueError


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


def materialize(instance: dg.DagsterInstance, *assets: dg.AssetsDefinition, day: str | None = None) -> str:
    checks = [holds] if other in assets else []
    done = dg.materialize([*assets, *checks], instance=instance, partition_key=day, raise_on_error=False)
    return done.run_id


def test_runs_go_but_for_the_last_of_each_asset_and_check_and_those_of_partitions(instance: dg.DagsterInstance) -> None:
    outdated = [materialize(instance, one, other), materialize(instance, one)]
    of_other = materialize(instance, other)
    outdated += [materialize(instance, broken)]
    days = [materialize(instance, daily, day="2026-01-02") for _ in range(2)]
    kept = {of_other, *days, materialize(instance, one), materialize(instance, broken)}

    assert remove_old_runs(instance, [holds.check_key], at_most=100, keep_days=30) == 0
    assert remove_old_runs(instance, [holds.check_key], at_most=1, keep_days=0) == 1
    assert not instance.has_run(outdated[0])
    assert remove_old_runs(instance, [holds.check_key], at_most=100, keep_days=0) == len(outdated) - 1
    assert {run.run_id for run in instance.get_runs()} == kept
    assert remove_old_runs(instance, [holds.check_key], at_most=100, keep_days=0) == 0

    assert instance.get_latest_materialization_event(dg.AssetKey("other")) is not None
    assert instance.get_materialized_partitions(dg.AssetKey("daily")) == {"2026-01-02"}
    assert instance.all_logs(outdated[0]) == []


def test_evaluations_and_what_was_told_outside_of_runs_go_but_for_the_last_and_those_of_partitions(
    instance: dg.DagsterInstance,
) -> None:
    for _ in range(3):
        materialize(instance, other)
        instance.report_runless_asset_event(dg.AssetMaterialization("landed"))
        instance.report_runless_asset_event(dg.AssetMaterialization("daily", partition="2026-01-02"))

    def evaluations() -> int:
        return len(instance.event_log_storage.get_asset_check_execution_history(holds.check_key, limit=100))

    def told(asset: str) -> int:
        return len(instance.fetch_materializations(dg.AssetKey(asset), limit=100).records)

    assert remove_old_rows(instance, keep_days=30) == 0
    assert (evaluations(), told("landed")) == (3, 3)
    assert remove_old_rows(instance, keep_days=0) == 4
    assert (evaluations(), told("landed"), told("daily"), told("other")) == (1, 1, 3, 3)
    assert instance.get_latest_materialization_event(dg.AssetKey("landed")) is not None
    assert remove_old_rows(instance, keep_days=0) == 0
