"""Dagster on an ephemeral instance, against a warehouse and topics of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from clickhouse_connect.driver.client import Client

from loaders.schema import migrate
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from orchestration.definitions import definitions


@pytest.fixture(scope="session")
def defs() -> dg.Definitions:
    """What `dagster dev` shows. Needs no server."""
    return definitions()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def warehouse(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The test's settings as the process's environment, which is where runs look, with topics of its own."""
    suffix = settings.throughline_schema_suffix
    mine = settings.model_copy(
        update={f"throughline_topics_{stream}": stream + suffix for stream in ("events", "identities", "people")}
    )
    for name, value in {**mine.as_environment(), "THROUGHLINE_LOCAL_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return mine


@pytest.fixture
def raw(warehouse: Settings, clickhouse: Client) -> Client:
    """The raw tables, empty, and a client that may write them."""
    migrate(ClickHouse(warehouse), warehouse)
    return clickhouse
