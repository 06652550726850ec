"""The models of the project that read what changed since they were last built."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from orchestration.lib.volume_checks import place

# Dictionaries that turn have no versions, but a server that starts again loads what stood when they were loaded.
_MATERIALIZED: Final = ("versioned", "ledger", "turning_dictionary")


@dataclass(frozen=True)
class VersionedModel:
    alias: str
    # Of its row versions.
    table: str
    # Whether they tell what was known or what changed, and when; so that none may go.
    keeps_history: bool


def versioned_models(manifest: Path, settings: Settings) -> list[VersionedModel]:
    nodes: Mapping[str, Any] = json.loads(manifest.read_text())["nodes"]
    return [
        VersionedModel(
            node["alias"],
            f"{place(node, settings)}_data",
            keeps_history=node["config"]["materialized"] == "ledger" or bool(node["config"].get("keeps_history")),
        )
        for node in nodes.values()
        if node["resource_type"] == "model" and node["config"]["materialized"] in _MATERIALIZED
    ]


def last_run_of_all(client: Client, marts: str, models: Collection[VersionedModel], until: int | None = None) -> int:
    """The last run, up to `until`, that every model which was ever finished by then has finished; 0 where none was."""
    [[run]] = client.query(
        f"select min(last) from (select max(run) as last from {marts}.run_commits"
        " where model in {models:Array(String)} and run <= {until:UInt64} group by model)",
        parameters={"models": [model.alias for model in models], "until": 2**64 - 1 if until is None else until},
    ).result_rows
    return int(run)


def note_removal(client: Client, marts: str, run: int) -> None:
    """Have models that stopped before this run, as they were out of the project, built whole when they are back."""
    client.command(
        f"insert into {marts}.run_removals select {run} where {run} > (select max(run) from {marts}.run_removals)"
    )
