"""The DDL of the raw database: numbered files, each applied once, in order."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loaders.errors import MigrationChangedError
from loaders.settings import Settings
from loaders.warehouse import ClickHouse, Warehouse

SQL_DIR = Path(__file__).parent / "sql"

LEDGER = """
create table if not exists {database}.schema_migrations
(
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC') default now64(3)
)
engine = ReplacingMergeTree(applied_at)
order by name
"""


@dataclass(frozen=True)
class Migration:
    """A DDL file. Its statement may be run twice: a process may die between it and its row in the ledger."""

    name: str
    statement: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.statement.encode()).hexdigest()


def read_migrations(folder: Path = SQL_DIR) -> list[Migration]:
    """The DDL files in the order of their numbers."""
    return [Migration(file.name, file.read_text()) for file in sorted(folder.glob("*.sql"))]


def pending(migrations: Iterable[Migration], applied: dict[str, str]) -> list[Migration]:
    """Those that were not applied yet. A file that changed after it was applied raises `MigrationChangedError`."""
    waiting: list[Migration] = []
    for migration in migrations:
        if migration.name not in applied:
            waiting.append(migration)
        elif applied[migration.name] != migration.checksum:
            raise MigrationChangedError(
                f"loaders/sql/{migration.name} changed after it was applied: "
                "restore the file and put the change into a new one with the next number"
            )
    return waiting


def migrate(warehouse: Warehouse, settings: Settings) -> list[str]:
    """Bring the raw database up to date and return the names of the files that were applied. May be run at any time."""
    database = settings.raw_database
    warehouse.execute(f"create database if not exists {database}")
    warehouse.execute(LEDGER.replace("{database}", database))
    applied = dict(warehouse.rows(f"select name, checksum from {database}.schema_migrations final"))
    waiting = pending(read_migrations(), applied)
    for migration in waiting:
        warehouse.execute(migration.statement.replace("{database}", database))
        warehouse.execute(
            f"insert into {database}.schema_migrations (name, checksum) values (%(name)s, %(checksum)s)",
            {"name": migration.name, "checksum": migration.checksum},
        )
    return [migration.name for migration in waiting]


@contextmanager
def opened(settings: Settings) -> Iterator[ClickHouse]:
    """The warehouse with raw tables that are up to date, closed afterwards."""
    warehouse = ClickHouse(settings)
    try:
        migrate(warehouse, settings)
        yield warehouse
    finally:
        warehouse.close()
