"""Chosen models, which are told days: for models of one's own that are built by day."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import dagster as dg
from dagster_dbt import DbtCliInvocation

from loaders.settings import load_settings
from orchestration.lib.dbt_build import BackfillConfig, backfill_args
from orchestration.lib.dbt_run import run_dbt
from orchestration.lib.jobs import FROM_START, launched_job
from orchestration.lib.manifest import prepared_project
from orchestration.lib.quick_dbt import QuickDbt
from orchestration.lib.streams import MODEL_OWNERS, raw_key
from orchestration.lib.translator import ThroughlineTranslator

# One dbt run takes so many days, so that its memory and its time are bounded however long the backfill is.
WINDOW_DAYS: Final = 7

DAYS: Final = dg.DailyPartitionsDefinition("2024-01-01", end_offset=1)


@dg.asset(
    key=["models", "days"],
    deps=[raw_key("events")],
    partitions_def=DAYS,
    backfill_policy=dg.BackfillPolicy.multi_run(WINDOW_DAYS),
    group_name="backfills",
    owners=MODEL_OWNERS,
    kinds={"dbt", "clickhouse"},
    pool="models",
    output_required=False,
)
def days(context: dg.AssetExecutionContext, dbt: QuickDbt, config: BackfillConfig) -> Iterator[Any]:
    """Chosen models, told a range of days: choose the days under **Materialize**, the models in the launchpad.

    dbt gets the days as the vars `backfill_start` and `backfill_end`, for models of your own. No stock model reads
    them: any build finds what has landed, whatever its day, and only `full_refresh` reads again what landed before.
    """
    first, last = context.partition_key_range.start, context.partition_key_range.end
    args = backfill_args(config, first=first, last=last)
    manifest, translator = prepared_project().manifest_path, ThroughlineTranslator()

    def start(folder: Path) -> DbtCliInvocation:
        return dbt.cli(args, manifest=manifest, dagster_dbt_translator=translator, target_path=folder)

    for event in run_dbt(context, start, load_settings()):
        if isinstance(event, dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation):
            context.log_event(event)
    yield dg.MaterializeResult(metadata={"first_day": first, "last_day": last, "select": config.select})


models_backfill = launched_job(
    "models_backfill",
    dg.AssetSelection.assets(days),
    description=f"Build chosen models, and tell those of your own the chosen days, at most {WINDOW_DAYS} in one run.",
    partitions_def=DAYS,
    max_hours=6,
    retries=1,
    retry_strategy=FROM_START,
)
