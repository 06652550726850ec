"""When the warehouse is looked after. The audit has its own job, in `defs/quality`."""

import dagster as dg

from orchestration.defs.maintenance.backup import backup
from orchestration.defs.maintenance.upkeep import closed_rows, expired, merged_parts, old_runs
from orchestration.lib.jobs import scheduled_job

# A run holds the pools of all that it does: none in which models wait to be built may be held while parts merge.
merge_parts = scheduled_job(
    "merge_parts",
    dg.AssetSelection.assets(merged_parts, old_runs),
    cron="10 3 * * *",
    description="Merge parts, and remove what Dagster keeps of old runs.",
    schedule_description="At 03:10.",
    max_hours=4,
)

maintain = scheduled_job(
    "maintain",
    dg.AssetSelection.assets(expired, closed_rows),
    cron="10 4 * * *",
    description="Remove what nobody reads any more of models, books and claims. No model is built meanwhile.",
    schedule_description="At 04:10.",
    max_hours=4,
)

back_up_warehouse = scheduled_job(
    "backup",
    dg.AssetSelection.assets(backup),
    cron="10 5 * * *",
    description="Back the warehouse up to the place that THROUGHLINE_BACKUP_TO names.",
    schedule_description="At 05:10.",
    max_hours=6,
)
