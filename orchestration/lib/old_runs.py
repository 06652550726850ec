"""Removes what Dagster keeps of runs that are long over: it has no time to live for them itself."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

import dagster as dg
import sqlalchemy as sql
from dagster._core.instance import RUNLESS_RUN_ID
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from orchestration.lib.jobs import FINISHED

# How often builds failed is looked up for so long.
KEEP_DAYS: Final = 30
# Which days were built is read from the runs that built them.
_OF_PARTITIONS: Final = ("dagster/partition", "dagster/asset_partition_range_start", "dagster/backfill")
_PAGE: Final = 200


def remove_old_runs(
    instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey], *, at_most: int, keep_days: int
) -> int:
    """Delete runs that were made so many days ago, with their events and logs, the oldest first; how many.

    There stay runs of partitions, and those that an asset or a check was last told by.
    """
    kept = _last_runs(instance, checks)
    outdated = (
        run.run_id
        for run in _runs_before(instance, datetime.now(UTC) - timedelta(days=keep_days))
        if run.run_id not in kept and not run.tags.keys() & set(_OF_PARTITIONS)
    )
    removed = list(islice(outdated, at_most))
    for run_id in removed:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
    return len(removed)


def remove_old_rows(instance: dg.DagsterInstance, *, keep_days: int) -> int:
    """Delete what goes with no run: evaluations of checks, and materializations that sensors told; how many.

    There stay the last of each check and asset, and what was told of partitions.
    """
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return 0
    before = (datetime.now(UTC) - timedelta(days=keep_days)).replace(tzinfo=None)
    checks, events = AssetCheckExecutionsTable.c, SqlEventLogStorageTable.c
    of_sensors = sql.and_(
        events.run_id == RUNLESS_RUN_ID,
        events.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION.value,
        events.partition.is_(None),
    )
    outdated = sql.and_(
        of_sensors,
        events.timestamp < before,
        events.id.not_in(sql.select(sql.func.max(events.id)).where(of_sensors).group_by(events.asset_key)),
    )
    last = sql.select(sql.func.max(checks.id)).group_by(checks.asset_key, checks.check_name, checks.partition)
    with storage.index_connection() as connection:
        removed = connection.execute(sql.delete(SqlEventLogStorageTable).where(outdated)).rowcount
        removed += connection.execute(
            sql.delete(AssetCheckExecutionsTable).where(
                checks.evaluation_event_timestamp < before, checks.id.not_in(last)
            )
        ).rowcount
    # SQLite has a copy of events in a file of its own, for each run and for what has none.
    with storage.run_connection(RUNLESS_RUN_ID) as connection:
        connection.execute(sql.delete(SqlEventLogStorageTable).where(outdated))
    return int(removed)


def _runs_before(instance: dg.DagsterInstance, created: datetime) -> Iterator[dg.DagsterRun]:
    cursor = None
    filters = dg.RunsFilter(created_before=created, statuses=FINISHED)
    while records := instance.get_run_records(filters, limit=_PAGE, ascending=True, cursor=cursor):
        yield from (record.dagster_run for record in records)
        cursor = records[-1].dagster_run.run_id


def _last_runs(instance: dg.DagsterInstance, checks: Collection[dg.AssetCheckKey]) -> set[str]:
    entries = [record.asset_entry for record in instance.get_asset_records(instance.all_asset_keys())]
    last = {entry.last_run_id for entry in entries} | {
        record.run_id
        for entry in entries
        for record in (entry.last_materialization_record, entry.last_observation_record)
        if record
    }
    of_checks = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(checks))
    return {run_id for run_id in last if run_id} | {record.run_id for record in of_checks.values()}
