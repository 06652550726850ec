"""Which columns a model's columns are made of, as metadata that the Dagster UI draws."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import dagster as dg
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation

from orchestration.lib.query_tree import EXPLAIN, QueryTree, TableColumn

LINEAGE: Final = "dagster/column_lineage"
# The parse of the project that the lineage was read for.
READ_FOR: Final = "column_lineage_of"

# Of an incremental model, the rows behind its view; of a dictionary that is swapped, its two places.
_BEHIND: Final = ("", "_data", "_0", "_1")


class ColumnLineage:
    """Reads the lineage of models from the SQL that dbt has compiled for a run.

    It is read once for each parse of the project, and handed on from one build of a model to the next. So it is where
    a build was incremental and read working tables, which are gone: it stays that of the last whole build.
    """

    def __init__(self, client: Client, instance: dg.DagsterInstance, dbt: DbtCliInvocation, target: Path) -> None:
        self._client, self._instance, self._target = client, instance, target
        self._nodes: Mapping[str, Any] = dbt.manifest["nodes"]
        self._parse = str(dbt.manifest["metadata"]["invocation_id"])
        self._project = str(dbt.manifest["metadata"]["project_name"])
        self._translator: DagsterDbtTranslator = dbt.dagster_dbt_translator
        self._assets = {
            name + behind: self._translator.get_asset_key(node)
            for node in (*dbt.manifest["sources"].values(), *self._nodes.values())
            if node["resource_type"] in ("source", "model", "seed")
            for name in (node.get("identifier") or node["alias"],)
            for behind in _BEHIND
        }

    def metadata_of(self, unique_id: str) -> Mapping[str, Any]:
        """The lineage of a model that was just built; nothing for what is no model or cannot be told."""
        node = self._nodes[unique_id]
        if node["resource_type"] != "model":
            return {}
        key = self._translator.get_asset_key(node)
        before = self._before(key)
        if READ_FOR in before and before[READ_FOR].value == self._parse:
            return before
        found = self._read(node, key)
        if found is None:
            return {**before, READ_FOR: dg.MetadataValue.text(self._parse)} if before else {}
        return {LINEAGE: found, READ_FOR: dg.MetadataValue.text(self._parse)}

    def _before(self, key: dg.AssetKey) -> dict[str, Any]:
        event = self._instance.get_latest_materialization_event(key)
        told = event.asset_materialization.metadata if event and event.asset_materialization else {}
        return {name: told[name] for name in (LINEAGE, READ_FOR) if name in told}

    def _read(self, node: Mapping[str, Any], key: dg.AssetKey) -> dg.TableColumnLineage | None:
        compiled = self._target / "compiled" / self._project / node["original_file_path"]
        try:
            lines = [line for (line,) in self._client.query(EXPLAIN + compiled.read_text()).result_rows]
            return lineage(QueryTree(lines).columns, self._assets, beside=key)
        # Another version of the server may write its trees in another way.
        except (OSError, ClickHouseError, LookupError, ValueError, RecursionError):
            return None


def lineage(
    columns: Mapping[str, Iterable[TableColumn]], assets: Mapping[str, dg.AssetKey], *, beside: dg.AssetKey
) -> dg.TableColumnLineage:
    """The columns of a query as Dagster shows them. `assets` has the asset of each table by its name.

    Tables that are no assets are left out, and so is the model itself (`beside`), whose former rows it may read.
    """
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(asset_key=key, column_name=name)
                for key, name in sorted(
                    {(assets[table.split(".")[-1]], name) for table, name in found if table.split(".")[-1] in assets}
                )
                if key != beside
            ]
            for column, found in columns.items()
        }
    )
