"""Real engines for tests: one ClickHouse and one Kafka per process of pytest, databases of their own for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from local.stack import Stack
from local.user_agents.seed import ensure_seed
from tests.support.clickhouse import ADMIN_PASSWORDS, connect
from tests.support.databases import drop_databases, make_databases, settings_of_its_own

BUILDING = ("tests/scenarios/", "tests/invariants/", "tests/orchestration/", "tests/upgrade/")
WAITING = ("tests/loaders/", "tests/local/")


def pytest_configure() -> None:
    """Forget what the developer's shell says of warehouse and brokers: tests must never reach a real one."""
    for name in list(os.environ):
        if name.startswith(("CLICKHOUSE_", "KAFKA_", "THROUGHLINE_", "DBT_")) and name != "THROUGHLINE_CACHE_DIR":
            del os.environ[name]
    # Brokers of tests live for seconds: compiling well what they run costs more than it brings.
    os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    # dbt does not parse without it.
    ensure_seed()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that wait for brokers evenly among those that build for minutes, and what is short at the end.

    So neither process of `make test` is left with a long file at the end, and one rarely waits while the other does.
    """
    place: dict[Path, float] = {}
    for kind in (BUILDING, WAITING):
        files = list(dict.fromkeys(item.path for item in items if item.nodeid.startswith(kind)))
        place |= {file: (number + 0.5) / len(files) for number, file in enumerate(files)}
    items.sort(key=lambda item: place.get(item.path, 1))


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A running ClickHouse and Kafka on free ports. Ended at the end of the session, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="throughline-test-", dir="/tmp"))
    running = Stack(folder)
    try:
        settings = running.up()
        ADMIN_PASSWORDS[settings.clickhouse_url] = running.admin_password()
        yield running
    finally:
        running.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings(stack: Stack) -> Iterator[Settings]:
    """Settings whose databases no other test has; they are dropped afterwards."""
    mine = settings_of_its_own(stack)
    try:
        yield mine
    finally:
        with connect(mine, "admin") as client:
            drop_databases(client, mine)


@pytest.fixture
def clickhouse(settings: Settings) -> Iterator[Client]:
    """A client who may do anything, in a server where the databases of the test exist."""
    with connect(settings, "admin") as client:
        make_databases(client, settings)
        yield client
