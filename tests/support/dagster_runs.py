"""Runs Dagster's jobs in this process, and reads what they told."""

from typing import Any

import dagster as dg

EVENT = {"event": "view_item", "timestamp": "2026-01-05T09:30:00Z", "device_id": "phone"}


def run(
    defs: dg.Definitions, instance: dg.DagsterInstance, job: str, *assets: str, ok: bool = True
) -> dg.ExecuteInProcessResult:
    selection = [dg.AssetKey(asset.split("/")) for asset in assets] or None
    result = defs.resolve_job_def(job).execute_in_process(
        instance=instance, asset_selection=selection, raise_on_error=ok
    )
    assert result.success is ok
    return result


def metadata(event: dg.DagsterEvent) -> dict[str, Any]:
    return {name: value.value for name, value in event.materialization.metadata.items()}


def name_of(event: dg.DagsterEvent) -> str:
    assert event.asset_key is not None
    return event.asset_key.path[-1]


def failed_checks(result: dg.ExecuteInProcessResult) -> set[tuple[str, str]]:
    return {
        (evaluation.asset_key.path[-1], evaluation.check_name)
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed
    }
