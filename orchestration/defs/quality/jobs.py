"""When `raw` is checked."""

import dagster as dg

from orchestration.defs.quality.conservation import nothing_lost_nothing_twice
from orchestration.defs.quality.raw import great_expectations
from orchestration.defs.sideline.health import sideline_health
from orchestration.lib.jobs import scheduled_job

check_raw = scheduled_job(
    "check_raw",
    dg.AssetSelection.checks(great_expectations, sideline_health),
    cron="5 * * * *",
    description="Hold Great Expectations against what landed in `raw` in the last day, and look at the sideline.",
    schedule_description="Five minutes past each hour.",
)

audit = scheduled_job(
    "audit",
    dg.AssetSelection.checks(nothing_lost_nothing_twice),
    cron="40 2 * * *",
    description="Prove that what Kafka handed out stands in `raw`, each record once. Loads wait meanwhile.",
    schedule_description="At 02:40.",
)
