"""When sidelined records are tried again."""

import dagster as dg

from orchestration.defs.sideline.retry import retried
from orchestration.lib.jobs import scheduled_job

retry_sideline = scheduled_job(
    "retry_sideline",
    dg.AssetSelection.assets(retried),
    cron="20 * * * *",
    description="Try the sidelined records again whose pause is over, or those that the launchpad's fields name.",
    schedule_description="Twenty minutes past each hour.",
)
