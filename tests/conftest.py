"""Real engines for tests: one ClickHouse and one Kafka per session, databases of their own for each test."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from local.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A running ClickHouse and Kafka on free ports. Ended at the end of the session, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="throughline-test-", dir="/tmp"))
    running = Stack(folder)
    try:
        running.up()
        yield running
    finally:
        running.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings(stack: Stack) -> Iterator[Settings]:
    """Settings whose databases no other test has; they are dropped afterwards."""
    mine = stack.settings().model_copy(update={"throughline_schema_suffix": f"_t{uuid.uuid4().hex[:8]}"})
    try:
        yield mine
    finally:
        for user, databases in (("loader", [mine.raw_database]), ("dbt", [mine.staging_database, mine.marts_database])):
            with connect(mine, user) as client:
                for database in databases:
                    client.command(f"DROP DATABASE IF EXISTS {database} SYNC")


@pytest.fixture
def clickhouse(settings: Settings) -> Iterator[Client]:
    """A client as the administrator of the test server: reads and writes all of the test's databases, which exist."""
    with connect(settings, "admin") as client:
        for database in (settings.raw_database, settings.staging_database, settings.marts_database):
            client.command(f"CREATE DATABASE IF NOT EXISTS {database}")
        yield client


def connect(settings: Settings, user: str) -> Client:
    """A client of the test server as `loader`, `dbt`, `bi`, or `admin`, who may do anything."""
    name, password = "default", ""
    if user != "admin":
        name = getattr(settings, f"clickhouse_{user}_user")
        password = getattr(settings, f"clickhouse_{user}_password").get_secret_value()
    return clickhouse_connect.get_client(
        dsn=settings.clickhouse_url,
        username=name,
        password=password,
        # Tests run queries from several threads and processes on one client each.
        autogenerate_session_id=False,
    )
