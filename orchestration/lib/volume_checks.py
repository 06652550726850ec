"""The check `volume` of every model: whether it suddenly has far fewer rows."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from loaders.settings import Settings, load_settings
from orchestration.lib.translator import ThroughlineTranslator
from orchestration.lib.volume import CHECK, counted_before, judge, row_counts
from orchestration.lib.warehouse import connect_as_dbt

Nodes = Mapping[dg.AssetKey, dict[str, Any]]


def volume_checks(manifest: Path) -> dg.AssetChecksDefinition:
    """One op for all models, since one query counts them."""
    nodes = counted(manifest)

    @dg.multi_asset_check(
        specs=[
            dg.AssetCheckSpec(CHECK, asset=key, description="It has no less than half of the rows of the last look.")
            for key in nodes
        ],
        pool="quality",
        can_subset=True,
    )
    def volumes(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        """Count the rows of every model. A warning: whoever knows the model says whether it is right."""
        settings = load_settings()
        chosen = [check.asset_key for check in context.selected_asset_check_keys]
        tables = {key.to_user_string(): place(nodes[key], settings) for key in chosen}
        counts = row_counts(connect_as_dbt(settings), tables)
        before = counted_before(context.instance, [dg.AssetCheckKey(key, CHECK) for key in chosen])
        for key in chosen:
            yield result(key, counts[key.to_user_string()], before.get(dg.AssetCheckKey(key, CHECK)))

    return volumes


def counted(manifest: Path) -> Nodes:
    """The models that have rows of their own, by their asset keys: to count those of a view may take all of history."""
    translator = ThroughlineTranslator()
    return {
        translator.get_asset_key(node): node
        for node in json.loads(manifest.read_text())["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] not in ("ephemeral", "dictionary", "view")
    }


def result(key: dg.AssetKey, rows: int | None, before: int | None) -> dg.AssetCheckResult:
    wrong = judge(rows, before)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK,
        # What was not built yet is no surprise.
        passed=not wrong or (rows is None and before is None),
        severity=dg.AssetCheckSeverity.WARN,
        description=wrong or None,
        metadata={} if rows is None else {"rows": rows},
    )


def place(node: Mapping[str, Any], settings: Settings) -> str:
    """`database.table`: the manifest may have been parsed for another suffix."""
    is_mart = node["config"]["schema"] == "marts"
    return f"{settings.marts_database if is_mart else settings.staging_database}.{node['alias']}"
