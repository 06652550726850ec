"""When the warehouse is looked after. The audit has its own job, in `defs/quality`."""

import dagster as dg

from orchestration.defs.maintenance.backup import backup
from orchestration.defs.maintenance.upkeep import closed_rows, expired, merged_parts, old_runs
from orchestration.lib.jobs import scheduled_job

maintain = scheduled_job(
    "maintain",
    dg.AssetSelection.assets(merged_parts, expired, closed_rows, old_runs),
    cron="10 4 * * *",
    description="Merge parts, and remove what nobody reads any more.",
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
