"""Jobs with their schedules: off until someone turns them on, and never beside themselves."""

from typing import Final

import dagster as dg

UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def scheduled_job(
    name: str, selection: dg.AssetSelection, *, cron: str, description: str, schedule_description: str
) -> dg.ScheduleDefinition:
    """A job over assets and its schedule, which brings the job along. Times are UTC.

    A tick that finds the job unfinished is skipped: loads and builds take what is there when they start, so that the
    next tick does its work. All steps run in the run's own process: an analytics run waits for the warehouse, and
    each process more would cost a quarter of a gigabyte and seconds of imports.
    """

    def start_unless_unfinished(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        unfinished = context.instance.get_runs(dg.RunsFilter(job_name=name, statuses=UNFINISHED), limit=1)
        return dg.SkipReason(f"Run {unfinished[0].run_id} is not finished yet.") if unfinished else dg.RunRequest()

    return dg.ScheduleDefinition(
        name=f"{name}_schedule",
        job=dg.define_asset_job(name, selection, description=description, executor_def=dg.in_process_executor),
        cron_schedule=cron,
        execution_timezone="UTC",
        description=schedule_description,
        execution_fn=start_unless_unfinished,
        default_status=dg.DefaultScheduleStatus.STOPPED,
    )
