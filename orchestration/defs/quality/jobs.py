"""When `raw` is checked."""

import dagster as dg

from orchestration.defs.quality.raw import great_expectations
from orchestration.lib.jobs import scheduled_job

check_raw = scheduled_job(
    "check_raw",
    dg.AssetSelection.checks(great_expectations),
    cron="5 * * * *",
    description="Hold Great Expectations against what landed in `raw` in the last day.",
    schedule_description="Five minutes past each hour.",
)
