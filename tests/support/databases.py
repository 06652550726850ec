"""Databases of a test's own in the engine that all tests share."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_connect.driver.client import Client

from loaders.schema import migrate
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from tests.support.clickhouse import connect


def settings_of_its_own(stack: Stack) -> Settings:
    """Settings whose databases, which nobody has made yet, no other test has."""
    return stack.settings().model_copy(update={"throughline_schema_suffix": f"_t{uuid.uuid4().hex[:8]}"})


def make_databases(client: Client, settings: Settings) -> None:
    for database in database_names(settings):
        client.command(f"CREATE DATABASE IF NOT EXISTS {database}")


def drop_databases(client: Client, settings: Settings) -> None:
    for database in database_names(settings):
        client.command(f"DROP DATABASE IF EXISTS {database} SYNC")


@contextmanager
def open_databases(settings: Settings) -> Iterator[Client]:
    """A client who may do anything, in a server where the databases are until the end. The raw tables are empty."""
    with connect(settings, "admin") as client:
        make_databases(client, settings)
        try:
            migrate(ClickHouse(settings), settings)
            yield client
        finally:
            drop_databases(client, settings)


def database_names(settings: Settings) -> tuple[str, str, str]:
    """In the order of dropping: dictionaries of marts hold on to what they read."""
    return settings.marts_database, settings.staging_database, settings.raw_database
