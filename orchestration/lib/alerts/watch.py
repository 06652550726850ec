"""What is wrong now, as Dagster's own records say: failed jobs, red checks, late assets, a queue that does not move."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

import dagster as dg
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
    WILL_RETRY_TAG,
)
from dagster._time import get_current_timestamp

from loaders.errors import ThroughlineError
from orchestration.lib.alerts.incidents import Seen

QUEUED_SECONDS = 15 * 60
PARTITIONED_RUNS = 400
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


def look(instance: dg.DagsterInstance, repository: dg.RepositoryDefinition) -> Seen:
    return (
        jobs(instance, {job.name: _looked_at(job, repository) for job in repository.get_all_jobs()})
        | checks(instance, repository.asset_graph.asset_check_keys)
        | freshness(instance, repository.asset_graph.materializable_asset_keys)
        | queue(instance)
    )


def jobs(instance: dg.DagsterInstance, runs: Mapping[str, int]) -> Seen:
    """A job is wrong while its last run has failed, and nothing can be said while that run is tried again.

    So it is with each day of those that are built by day, whichever job builds it. `runs` says how many of a job's last
    ones are looked at.
    """
    records = [
        record
        for name, limit in runs.items()
        for record in instance.get_run_records(dg.RunsFilter(job_name=name, statuses=_ENDED), limit=limit)
    ]
    wrong, unknown, said = {}, set(), set[str]()
    for record in sorted(records, key=lambda record: record.storage_id, reverse=True):
        run = record.dagster_run
        first, last = _range(run)
        what = set(_days(first, last)) if first else {run.job_name}
        # Of what newer runs have said, an older one says nothing.
        is_news, said = not what <= said, said | what
        if not is_news or run.status == dg.DagsterRunStatus.SUCCESS:
            continue
        key = f"job {run.job_name} failed" + (f" for {first} to {last}" if first else "")
        if run.tags.get(WILL_RETRY_TAG) == "true":
            unknown.add(key)
        else:
            wrong[key] = f"run {run.run_id}: {_reason(instance, run.run_id)}"
    return Seen(wrong, unknown)


def _range(run: dg.DagsterRun) -> tuple[str, str]:
    """The first and the last day of a run; empty where it is of no partitions."""
    one = run.tags.get(PARTITION_NAME_TAG, "")
    return run.tags.get(ASSET_PARTITION_RANGE_START_TAG, one), run.tags.get(ASSET_PARTITION_RANGE_END_TAG, one)


def _days(first: str, last: str) -> Iterator[str]:
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day.isoformat()
        day += timedelta(days=1)


def _looked_at(job: dg.JobDefinition, repository: dg.RepositoryDefinition) -> int:
    """One run, or so many as a backfill of some years makes."""
    keys = job.asset_layer.executable_asset_keys
    is_partitioned = any(repository.asset_graph.get(key).is_partitioned for key in keys)
    return PARTITIONED_RUNS if is_partitioned else 1


def checks(instance: dg.DagsterInstance, keys: Iterable[dg.AssetCheckKey]) -> Seen:
    """A check is wrong while its last evaluation did not pass."""
    wrong, unknown = {}, set()
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys))
    for check, record in records.items():
        key = f"check {check.name} of {check.asset_key.to_user_string()} is red"
        if record.status == AssetCheckExecutionRecordStatus.PLANNED:
            unknown.add(key)
        elif isinstance(record.evaluation, dg.AssetCheckEvaluation) and not record.evaluation.passed:
            shown = {name: value.value for name, value in record.evaluation.metadata.items()}
            wrong[key] = f"{record.evaluation.severity.value}, {record.evaluation.description or shown}"[:500]
    return Seen(wrong, unknown)


def freshness(instance: dg.DagsterInstance, keys: Iterable[dg.AssetKey]) -> Seen:
    """An asset is late while its freshness policy fails. Assets of one folder are late together: one incident."""
    late: dict[str, list[str]] = {}
    for key, record in instance.get_freshness_state_records(list(keys)).items():
        if record.freshness_state == FreshnessState.FAIL:
            late.setdefault(key.path[0], []).append(key.path[-1])
    return Seen({f"{folder} is late": f"older than the policy allows: {', '.join(late[folder])}" for folder in late})


def queue(instance: dg.DagsterInstance) -> Seen:
    """Wrong while a run waits for longer than any run should."""
    waiting = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
    before = get_current_timestamp() - QUEUED_SECONDS
    old = [record.dagster_run for record in waiting if record.create_timestamp.timestamp() < before]
    return Seen({"the queue does not move": f"run {old[-1].run_id} ({old[-1].job_name}) waits"} if old else {})


def _reason(instance: dg.DagsterInstance, run_id: str) -> str:
    """The last message of the first step that failed; else what Dagster says of the run.

    Of an error of the project's own its words: what caused it may hold what these leave out.
    """
    own = {kind.__name__ for kind in _kinds_of(ThroughlineError)}
    failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    failures = failures or instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    for event in (log.dagster_event for log in failures if log.dagster_event):
        error = getattr(event.event_specific_data, "error", None)
        while error is not None and error.cause is not None and error.cls_name not in own:
            error = error.cause
        return (error.message.strip() if error else event.message or "")[:500]
    return "no message"


def _kinds_of(error: type[Exception]) -> Iterator[type[Exception]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds_of(kind)
