"""One warehouse per test module, so that one dbt run serves many tests: they keep apart by project."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from local.stack import Stack
from orchestration.lib.run_books import forget_runs
from orchestration.lib.versioned_models import VersionedModel, versioned_models
from tests.support.builder import Builder, open_builder
from tests.support.databases import open_databases, settings_of_its_own
from tests.support.upkeep import maintain

# Small enough to be met.
GUARDS = {"max_users_per_device": 3, "max_identifiers": 5}
# Tables of one row are small by that, others large.
VARIABLES = {**GUARDS, "closed_by_place_from": 2}


@dataclass(frozen=True)
class Marts:
    """A warehouse with empty raw tables, made at `made_at` of the server's clock, to land in and to build."""

    made_at: str
    settings: Settings
    client: Client
    builder: Builder

    def build(self, select: str, *, tests: bool = True) -> None:
        """Build the selected models, and run the tests that need no other model."""
        self.builder.build("--select", *select.split(), "--indirect-selection", "cautious", tests=tests)

    def forget_old_runs(self, *, keep_days: int = 0) -> dict[str, int]:
        """What `maintain` removes from the books of the runs, rows by book."""
        return forget_runs(self.client, self.settings.marts_database, self.versioned_models, keep_days)

    def maintain(self) -> int:
        """All that `maintain` does to tables, however young and however little; how many closed rows it removed."""
        return maintain(self.client, self.settings.marts_database, self.versioned_models)

    @cached_property
    def versioned_models(self) -> list[VersionedModel]:
        return versioned_models(self.builder.manifest, self.settings)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query in which {raw}, {staging} and {marts} stand for this module's databases."""
        named = query.format(
            raw=self.settings.raw_database,
            staging=self.settings.staging_database,
            marts=self.settings.marts_database,
        )
        return list(self.client.query(named).named_results())


@pytest.fixture(scope="session")
def parsed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Builder]]:
    """Databases that each module makes anew, and the project, parsed once for them all."""
    settings = settings_of_its_own(stack)
    with open_builder(settings, tmp_path_factory.mktemp("dbt"), VARIABLES) as builder:
        yield settings, builder


@pytest.fixture(scope="module")
def marts(parsed: tuple[Settings, Builder]) -> Iterator[Marts]:
    settings, builder = parsed
    with open_databases(settings) as client:
        [(made_at,)] = client.query("SELECT toString(now64(6))").result_rows
        yield Marts(made_at, settings, client, builder)
