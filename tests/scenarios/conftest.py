"""One warehouse per test module, so that one dbt run serves many tests: they keep apart by project."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from loaders.schema import migrate
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from tests.conftest import connect
from tests.support.dbt import run_dbt


@dataclass(frozen=True)
class Marts:
    """A warehouse with empty raw tables, to land in and to build."""

    settings: Settings
    client: Client
    folder: Path

    def build(self, select: str, variables: Mapping[str, Any]) -> None:
        """Build the selected models and run the tests that need no other model."""
        selection = [
            "--select",
            *select.split(),
            "--indirect-selection",
            "cautious",
            "--exclude-resource-type",
            "unit_test",
        ]
        run_dbt(self.settings, "build", *selection, "--vars", json.dumps(variables), target=self.folder)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query in which {raw}, {staging} and {marts} stand for this module's databases."""
        named = query.format(
            raw=self.settings.raw_database,
            staging=self.settings.staging_database,
            marts=self.settings.marts_database,
        )
        return list(self.client.query(named).named_results())


@pytest.fixture(scope="module")
def marts(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marts]:
    settings = stack.settings().model_copy(update={"throughline_schema_suffix": f"_t{uuid.uuid4().hex[:8]}"})
    databases = (settings.raw_database, settings.staging_database, settings.marts_database)
    with connect(settings, "admin") as client:
        for database in databases:
            client.command(f"CREATE DATABASE IF NOT EXISTS {database}")
        migrate(ClickHouse(settings), settings)
        yield Marts(settings, client, tmp_path_factory.mktemp("dbt"))
        for database in databases:
            client.command(f"DROP DATABASE IF EXISTS {database} SYNC")
