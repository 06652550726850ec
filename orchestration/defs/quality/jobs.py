"""When `raw` is checked."""

import dagster as dg

from orchestration.defs.quality.raw import great_expectations
from orchestration.defs.sideline.health import nothing_is_forgotten
from orchestration.lib.jobs import scheduled_job

check_raw = scheduled_job(
    "check_raw",
    dg.AssetSelection.checks(great_expectations, nothing_is_forgotten),
    cron="5 * * * *",
    description="Hold Great Expectations against what landed in `raw` in the last day, and look at the sideline.",
    schedule_description="Five minutes past each hour.",
)
