"""What is wrong now, as Dagster's own records say: failed jobs, red checks, late assets, a queue that does not move."""

from collections.abc import Iterable

import dagster as dg
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.tags import WILL_RETRY_TAG
from dagster._time import get_current_timestamp

from orchestration.lib.alerts.incidents import Seen

QUEUED_SECONDS = 15 * 60
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


def look(instance: dg.DagsterInstance, repository: dg.RepositoryDefinition) -> Seen:
    return (
        jobs(instance, [job.name for job in repository.get_all_jobs()])
        | checks(instance, repository.asset_graph.asset_check_keys)
        | freshness(instance, repository.asset_graph.materializable_asset_keys)
        | queue(instance)
    )


def jobs(instance: dg.DagsterInstance, names: Iterable[str]) -> Seen:
    """A job is wrong while its last run has failed, and nothing can be said while that run is tried again."""
    wrong, unknown = {}, set()
    for name in names:
        last = next(iter(instance.get_runs(dg.RunsFilter(job_name=name, statuses=_ENDED), limit=1)), None)
        if last is None or last.status == dg.DagsterRunStatus.SUCCESS:
            continue
        key = f"job {name} failed"
        if last.tags.get(WILL_RETRY_TAG) == "true":
            unknown.add(key)
        else:
            wrong[key] = f"run {last.run_id}: {_reason(instance, last.run_id)}"
    return Seen(wrong, unknown)


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
    """The last message of the first step that failed; else what Dagster says of the run."""
    failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    failures = failures or instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    for event in (log.dagster_event for log in failures if log.dagster_event):
        error = getattr(event.event_specific_data, "error", None)
        while error is not None and error.cause is not None:
            error = error.cause
        return (error.message.strip() if error else event.message or "")[:500]
    return "no message"
