"""Builds the minute-fresh models when something has landed, and not by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Final

import dagster as dg

from loaders.settings import load_settings
from orchestration.lib.jobs import UNFINISHED

JOB: Final = "models_minute"
# A build that failed is not the news that it was started for: it is tried again, at this pace.
RETRY_AFTER: Final = timedelta(minutes=1)


@dg.sensor(job_name=JOB, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.STOPPED)
def models_on_landing(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Launch `models_minute` as soon as records have landed and the build before has ended.

    Turn it on instead of `models_minute_schedule`, where marts should follow loaders that follow the topics.
    """
    # Imported here: the code server need not load the warehouse's client to show the graph.
    from orchestration.lib.followed import landed_so_far

    [*last] = context.instance.get_run_records(dg.RunsFilter(job_name=JOB), limit=1)
    if last and last[0].dagster_run.status in UNFINISHED:
        return dg.SensorResult(
            skip_reason=f"Run {last[0].dagster_run.run_id} is not finished yet.", cursor=context.cursor
        )
    landed = landed_so_far(load_settings())
    if landed == (context.cursor or "") and not (last and _is_to_be_tried_again(last[0])):
        return dg.SensorResult(skip_reason="Nothing has landed since the last build.", cursor=context.cursor)
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=landed)


def _is_to_be_tried_again(last: dg.RunRecord) -> bool:
    ended = datetime.fromtimestamp(last.end_time or 0, UTC)
    return last.dagster_run.status == dg.DagsterRunStatus.FAILURE and datetime.now(UTC) - ended > RETRY_AFTER
