"""When the lineage of columns is read, and when it is handed on."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from orchestration.lib.column_lineage import LINEAGE, ColumnLineage, lineage
from orchestration.lib.translator import ThroughlineTranslator

TREE = """QUERY id: 0
  PROJECTION COLUMNS
    page String
  PROJECTION
    LIST id: 1, nodes: 1
      COLUMN id: 2, column_name: page, result_type: String, source_id: 3
  JOIN TREE
    TABLE id: 3, alias: __table1, table_name: raw.events
"""
PATH = "models/staging/daily.sql"
MODEL = {
    "unique_id": "model.t.daily",
    "resource_type": "model",
    "name": "daily",
    "alias": "daily",
    "schema": "staging",
    "config": {"schema": "staging"},
    "original_file_path": PATH,
}
SOURCE = {
    "unique_id": "source.t.raw.events",
    "resource_type": "source",
    "name": "events",
    "source_name": "raw",
    "identifier": "events",
    "config": {},
}


class Server:
    """Answers EXPLAIN with `lines`, or as a server does that knows no such table."""

    def __init__(self) -> None:
        self.lines: list[str] | None = TREE.splitlines()
        self.asked = 0

    def query(self, _: str) -> Any:
        self.asked += 1
        if self.lines is None:
            raise DatabaseError("Code: 60. UNKNOWN_TABLE")
        return SimpleNamespace(result_rows=[(line,) for line in self.lines])


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    file = tmp_path / "compiled" / "t" / PATH
    file.parent.mkdir(parents=True)
    file.write_text("select page from raw.events")
    return tmp_path


def told(server: Server, instance: dg.DagsterInstance, target: Path, *, parse: str) -> Any:
    """The lineage of one build, which the instance then knows."""
    manifest = {
        "nodes": {"model.t.daily": MODEL},
        "sources": {"source.t.raw.events": SOURCE},
        "metadata": {"invocation_id": parse, "project_name": "t"},
    }
    dbt: Any = SimpleNamespace(manifest=manifest, dagster_dbt_translator=ThroughlineTranslator())
    client: Any = server
    metadata = ColumnLineage(client, instance, dbt, target).metadata_of("model.t.daily")
    key = dbt.dagster_dbt_translator.get_asset_key(MODEL)
    instance.report_runless_asset_event(dg.AssetMaterialization(key, metadata=metadata))
    return metadata.get(LINEAGE)


def test_it_is_read_once_for_a_parse_of_the_project(instance: dg.DagsterInstance, compiled: Path) -> None:
    server = Server()
    first = told(server, instance, compiled, parse="one")
    [dependency] = dict(first.deps_by_column)["page"]
    assert (dependency.asset_key.to_user_string(), dependency.column_name) == ("raw/events", "page")
    assert told(server, instance, compiled, parse="one").value == first
    assert server.asked == 1
    told(server, instance, compiled, parse="two")
    assert server.asked == 2


def test_a_build_that_read_tables_which_are_gone_hands_it_on(instance: dg.DagsterInstance, compiled: Path) -> None:
    server = Server()
    first = told(server, instance, compiled, parse="one")
    server.lines = None
    assert told(server, instance, compiled, parse="two").value == first
    assert server.asked == 2


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(None, id="the server refuses"),
        pytest.param([], id="the server says nothing"),
        pytest.param(["QUERY id: 0", "QUERY id: 1"], id="a tree of two roots"),
        pytest.param(TREE.splitlines()[:4], id="half a tree"),
    ],
)
def test_where_it_cannot_be_told_nothing_is_and_the_next_build_asks(
    lines: list[str] | None, instance: dg.DagsterInstance, compiled: Path
) -> None:
    server = Server()
    server.lines = lines
    assert told(server, instance, compiled, parse="one") is None
    server.lines = TREE.splitlines()
    assert told(server, instance, compiled, parse="one") is not None


def test_tables_that_are_no_assets_and_the_model_itself_are_left_out() -> None:
    daily = dg.AssetKey(["marts", "daily"])
    columns = {"n": [("marts.daily_data", "n"), ("marts.run_commits", "run"), ("raw.events", "payload")]}
    found = lineage(columns, {"daily_data": daily, "events": dg.AssetKey(["raw", "events"])}, beside=daily)
    assert [one.column_name for one in dict(found.deps_by_column)["n"]] == ["payload"]
