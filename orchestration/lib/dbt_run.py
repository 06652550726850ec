"""One dbt process on the warehouse, alone, with its artifacts in a folder of its own."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import dagster as dg
from clickhouse_connect.driver.client import Client
from dagster_dbt import DbtCliInvocation
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from loaders.settings import PROJECT_DIR, Settings
from orchestration.lib.column_lineage import ColumnLineage
from orchestration.lib.cost import cost_metadata, now_of
from orchestration.lib.environment import environment
from orchestration.lib.holders import alone_as_run
from orchestration.lib.jobs import FROM_FAILURE, RETRY_STRATEGY
from orchestration.lib.manifest import TARGET
from orchestration.lib.told import with_metadata
from orchestration.lib.warehouse import connect_as_dbt

KEEP_SECONDS: Final = 24 * 3600

# Starts dbt with its target folder.
Start = Callable[[Path], DbtCliInvocation]


def run_dbt(context: dg.AssetExecutionContext, start: Start, settings: Settings) -> Iterator[Any]:
    """Run dbt, and yield what it reports, models with their cost and the lineage of their columns.

    Raises BusyError beside another run. A run that lost its place ends its dbt process; the queries of a run that
    died are ended by its successor, which knows them by their comment. What was built counts once dbt has committed it,
    as it ends; so a retry builds all again, unless some models failed and the others were committed.
    """
    processes: list[DbtCliInvocation] = []

    def stop() -> None:
        for process in processes:
            process.process.terminate()

    place = alone_as_run(context, connect_as_dbt, settings, settings.staging_database, "models", on_loss=stop)
    with place as holding, artifacts_folder(context.run.run_id) as folder:
        variables = {
            **settings.as_dbt_environment(),
            "THROUGHLINE_RUN": holding.table,
            # Where dagster-dbt finds the parsed project, so that dbt need not parse it again.
            "DBT_TARGET_PATH": str(TARGET),
            # A test that compares models waits for all of them: on a new warehouse the others are not there yet.
            "DBT_INDIRECT_SELECTION": "buildable",
        }
        client = connect_as_dbt(settings)
        began = now_of(client)
        with environment(variables):
            processes.append(start(folder))
            columns = ColumnLineage(client, context.instance, processes[0], folder)

            def told(node: str) -> Mapping[str, Any]:
                cost = cost_metadata(client, node=node, run=holding.table, since=began)
                return {**cost, **columns.metadata_of(node)}

            try:
                for event in processes[0].stream():
                    yield with_metadata(event, told)
            except DagsterDbtCliRuntimeError:
                if has_committed(client, settings, folder):
                    context.instance.add_run_tags(context.run.run_id, {RETRY_STRATEGY: FROM_FAILURE})
                raise


def has_committed(client: Client, settings: Settings, folder: Path) -> bool:
    """Whether readers see what the dbt run has built whose artifacts lie there."""
    results = folder / "run_results.json"
    if not results.exists():
        return False
    invocation = json.loads(results.read_text())["metadata"]["invocation_id"]
    commits = f"{settings.marts_database}.run_commits"
    return bool(client.command(f"exists table {commits}")) and bool(
        client.command(
            f"select count() from {commits} where run_id = %(invocation)s", parameters={"invocation": invocation}
        )
    )


@contextmanager
def artifacts_folder(run_id: str) -> Iterator[Path]:
    """A run's folder: gone when the run succeeded, kept for a day where it failed, for whoever looks into it."""
    runs = PROJECT_DIR / TARGET / "runs"
    for old in runs.glob("*"):
        if old.stat().st_mtime < time.time() - KEEP_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    folder = runs / run_id
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
