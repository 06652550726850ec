"""dbt's exposures as assets: who reads the marts, at the end of the graph."""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.lib.streams import MODEL_OWNERS
from orchestration.lib.translator import ThroughlineTranslator


def dashboards(manifest: Path) -> list[dg.AssetSpec]:
    """One asset per exposure. They are not made here, so that they are shown and not run."""
    graph = json.loads(manifest.read_text())
    return [_dashboard(exposure, graph["nodes"]) for exposure in graph["exposures"].values()]


def _dashboard(exposure: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> dg.AssetSpec:
    translator = ThroughlineTranslator()
    read = [translator.get_asset_key(nodes[name]) for name in exposure["depends_on"]["nodes"] if name in nodes]
    owner = exposure["owner"].get("email") or exposure["owner"].get("name")
    return dg.AssetSpec(
        ["dashboards", exposure["name"]],
        deps=read,
        description=exposure["description"],
        group_name="dashboards",
        owners=[owner if "@" in owner else f"team:{owner}"] if owner else MODEL_OWNERS,
        kinds={exposure["type"]},
        metadata={"url": dg.MetadataValue.url(exposure["url"])} if exposure.get("url") else {},
    )
