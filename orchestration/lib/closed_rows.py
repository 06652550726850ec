"""Removes row versions that were replaced and that no model has to read any more (docs/incremental.md)."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from orchestration.lib.volume_checks import place

# A partition is written anew without them, so it has to have many.
LEAST_SHARE: Final = 0.2


@dataclass(frozen=True)
class VersionedModel:
    alias: str
    # Of its row versions; none where they tell what was known, or where there are none, as of ledgers.
    table: str | None


def versioned_models(manifest: Path, settings: Settings) -> list[VersionedModel]:
    """The models of the project that read what changed since they were last built."""
    nodes: Mapping[str, Any] = json.loads(manifest.read_text())["nodes"]
    return [
        VersionedModel(node["alias"], f"{place(node, settings)}_data" if can_forget(node) else None)
        for node in nodes.values()
        if node["resource_type"] == "model" and node["config"]["materialized"] in ("versioned", "ledger")
    ]


def can_forget(node: Mapping[str, Any]) -> bool:
    config = node["config"]
    return config["materialized"] == "versioned" and not config.get("keeps_history")


def remove_closed_rows(
    client: Client, marts: str, models: Collection[VersionedModel], least_share: float = LEAST_SHARE
) -> dict[str, int]:
    """Rows removed, by table: those that were closed up to the last run that every model has finished.

    A model asks what came and went since it last finished, and readers see at least that state, so nobody looks for a
    row that was closed before. A model that was not built for long holds the others' rows back.
    """
    if not client.command(f"exists table {marts}.run_commits"):
        return {}
    until = _last_run_of_all(client, marts, models)
    removed: dict[str, int] = {}
    for model in models:
        if model.table is None or not client.command(f"exists table {model.table}"):
            continue
        for partition, rows in _partitions(client, model.table, until, least_share):
            client.command(
                f"alter table {model.table} delete in partition id '{partition}'"
                f" where closed > 0 and closed <= {until} settings mutations_sync = 1"
            )
            removed[model.table] = removed.get(model.table, 0) + rows
    return removed


def _last_run_of_all(client: Client, marts: str, models: Collection[VersionedModel]) -> int:
    # Whoever never finished is built whole.
    [[run]] = client.query(
        f"select min(last) from (select max(run) as last from {marts}.run_commits"
        " where model in {models:Array(String)} group by model)",
        parameters={"models": [model.alias for model in models]},
    ).result_rows
    return int(run)


def _partitions(client: Client, table: str, until: int, least_share: float) -> Iterator[tuple[str, int]]:
    for partition, rows in client.query(
        f"select _partition_id, countIf(closed > 0 and closed <= {until}) as removable from {table}"
        f" group by _partition_id having removable > {least_share} * count() order by removable desc"
    ).result_rows:
        yield str(partition), int(rows)
