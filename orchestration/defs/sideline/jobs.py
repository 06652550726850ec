"""When sidelined records are tried again, and what a person can press."""

import dagster as dg

from orchestration.defs.sideline.decisions import discarded, fixed, retried
from orchestration.lib.jobs import launched_job, scheduled_job

retry_sideline = scheduled_job(
    "retry_sideline",
    dg.AssetSelection.assets(retried),
    cron="20 * * * *",
    description="Try the sidelined records again whose pause is over. Pauses grow: 1, 4, 16 and 64 hours.",
    schedule_description="Twenty minutes past each hour.",
)

retry_sideline_now = launched_job(
    "retry_sideline_now",
    dg.AssetSelection.assets(retried),
    description="Try sidelined records again at once, pause or not: all, or those that the fields name.",
    config={"sideline__retried": {"config": {"only_due": False}}},
)

fix_sideline = launched_job(
    "fix_sideline",
    dg.AssetSelection.assets(fixed),
    description="Mend sidelined records by a fix of loaders/fixes and land them: all, or those that the fields name.",
)

discard_sideline = launched_job(
    "discard_sideline",
    dg.AssetSelection.assets(discarded),
    description="Declare sidelined records done with, for a reason: all, or those that the fields name.",
)
