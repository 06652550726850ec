"""When the topics are drained."""

import dagster as dg

from orchestration.defs.loads.raw import load_topics
from orchestration.lib.jobs import scheduled_job

load = scheduled_job(
    "load",
    dg.AssetSelection.assets(load_topics).without_checks(),
    cron="* * * * *",
    description="Land everything that the topics hold now in `raw`. Safe at any time.",
    schedule_description="Every minute.",
    retries=0,
)
