"""Jobs: those with a schedule, which is off until someone turns it on, and those that a person launches."""

from collections.abc import Mapping
from typing import Any, Final

import dagster as dg

UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
FINISHED: Final = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]

# Where a retry begins: with the first asset that was not finished, or from the start.
RETRY_STRATEGY: Final = "dagster/retry_strategy"
FROM_FAILURE: Final = "FROM_ASSET_FAILURE"
FROM_START: Final = "ALL_STEPS"


def scheduled_job(
    name: str,
    selection: dg.AssetSelection,
    *,
    cron: str,
    description: str,
    schedule_description: str,
    max_hours: int = 1,
    retries: int = 1,
    retry_strategy: str = FROM_FAILURE,
) -> dg.ScheduleDefinition:
    """A job over assets and its schedule, which brings the job along. Times are UTC.

    A tick that finds the job unfinished is skipped: loads and builds take what is there when they start, so that the
    next tick does its work. A run that failed or was killed is tried `retries` times again; none for a job that comes
    round each minute, since its next tick is its retry.
    """

    def start_unless_unfinished(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        unfinished = context.instance.get_runs(dg.RunsFilter(job_name=name, statuses=UNFINISHED), limit=1)
        return dg.SkipReason(f"Run {unfinished[0].run_id} is not finished yet.") if unfinished else dg.RunRequest()

    return dg.ScheduleDefinition(
        name=f"{name}_schedule",
        job=launched_job(
            name,
            selection,
            description=description,
            max_hours=max_hours,
            retries=retries,
            retry_strategy=retry_strategy,
        ),
        cron_schedule=cron,
        execution_timezone="UTC",
        description=schedule_description,
        execution_fn=start_unless_unfinished,
        default_status=dg.DefaultScheduleStatus.STOPPED,
    )


def launched_job(
    name: str,
    selection: dg.AssetSelection,
    *,
    description: str,
    config: Mapping[str, Any] | None = None,
    max_hours: int = 1,
    retries: int = 0,
    retry_strategy: str = FROM_FAILURE,
    **more: Any,
) -> Any:
    """A job over assets. `config` is what stands in the launchpad, by op.

    All steps run in the run's own process: an analytics run waits for the warehouse, and each process more would cost a
    quarter of a gigabyte and seconds of imports. A run that is not finished after `max_hours` counts as dead: its
    machine may be gone, and its job would wait for it for ever. A run may change its `retry_strategy` as it goes.
    """
    return dg.define_asset_job(
        name,
        selection,
        description=description,
        executor_def=dg.in_process_executor,
        tags={
            "dagster/max_runtime": max_hours * 3600,
            "dagster/max_retries": retries,
            "dagster/retry_on_asset_or_op_failure": "true",
            RETRY_STRATEGY: retry_strategy,
        },
        config={"ops": dict(config)} if config else None,
        **more,
    )
