"""The dbt project as assets, its tests as their checks, its selectors as jobs."""

from collections.abc import Iterator
from typing import Any, Final

import dagster as dg
from dagster_dbt import build_dbt_asset_selection, dbt_assets

from loaders.settings import load_settings
from orchestration.lib.dashboards import dashboards
from orchestration.lib.dbt_build import BuildConfig, build_args
from orchestration.lib.dbt_run import run_dbt
from orchestration.lib.jobs import FROM_START, scheduled_job
from orchestration.lib.manifest import prepared_project
from orchestration.lib.quick_dbt import QuickDbt
from orchestration.lib.translator import ThroughlineTranslator
from orchestration.lib.volume_checks import volume_checks

# By selector of selectors.yml: when it is built.
BUILDS: Final = {
    "minute": ("* * * * *", "Every minute."),
    "hourly": ("10 * * * *", "Ten minutes past each hour."),
    "nightly": ("30 1 * * *", "At 01:30."),
}


@dg.definitions
def models() -> dg.Definitions:
    """Made when Dagster loads, not at import: the graph needs the manifest."""
    project = prepared_project()

    @dbt_assets(
        manifest=project.manifest_path, project=project, dagster_dbt_translator=ThroughlineTranslator(), pool="models"
    )
    def dbt_models(context: dg.AssetExecutionContext, dbt: QuickDbt, config: BuildConfig) -> Iterator[Any]:
        """Build and test the selected models with one dbt process. A failed model skips what depends on it."""
        args = build_args(config)
        yield from run_dbt(context, lambda folder: dbt.cli(args, context=context, target_path=folder), load_settings())

    volumes = volume_checks(project.manifest_path)

    return dg.Definitions(
        assets=[dbt_models, *dashboards(project.manifest_path)],
        asset_checks=[volumes],
        schedules=[
            scheduled_job(
                "check_volume",
                dg.AssetSelection.checks(volumes),
                cron="50 * * * *",
                description="Count the rows of every model and compare with the last look.",
                schedule_description="Ten minutes before each hour.",
            ),
            *(
                scheduled_job(
                    f"models_{selector}",
                    # Counting has its own job: a build waits for no pool but its own.
                    build_dbt_asset_selection([dbt_models], dbt_selector=selector) - dg.AssetSelection.checks(volumes),
                    cron=cron,
                    description=f"Build and test what the selector `{selector}` of selectors.yml names.",
                    schedule_description=when,
                    max_hours=6,
                    retries=0 if selector == "minute" else 1,
                    retry_strategy=FROM_START,
                )
                for selector, (cron, when) in BUILDS.items()
            ),
        ],
        resources={"dbt": QuickDbt.of(project)},
    )
