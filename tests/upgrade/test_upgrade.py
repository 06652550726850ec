"""The database that the last release made is upgraded, and its marts say the same afterwards."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from loaders.schema import migrate, pending, read_migrations
from loaders.settings import PROJECT_DIR, Settings
from loaders.warehouse import ClickHouse
from local.plan.sync import PLAN, sync
from local.stack import Stack
from tests.orchestration.chaos.books import LEDGERS, OF_THE_RUN
from tests.support.clickhouse import connect
from tests.support.databases import database_names, drop_databases
from tests.support.dbt import copy_project, run_dbt
from tests.upgrade.make import DATABASES, of_release

RELEASES = sorted(DATABASES.glob("*.tar.gz"))

# Marts that a release means to change, by name, with the line of its "Upgrading" that says so.
CHANGED = {
    "fct_events": "Session ids are made of the owner's key",
    "fct_sessions": "Session ids are made of the owner's key",
    "identity_set_aside": "counts identifiers that are no one",
    "paths_session": "rounded once",
}

Sums = dict[str, tuple[int, int]]


@pytest.fixture(params=RELEASES, ids=lambda release: release.name)
def released(stack: Stack, request: pytest.FixtureRequest) -> Iterator[tuple[Settings, Client]]:
    """The database as the release left it, and a client that may do anything."""
    settings, archive = of_release(stack.settings()), request.param
    release = archive.name.removesuffix(".tar.gz")
    shutil.unpack_archive(archive, stack.folder / "clickhouse" / "backups", filter="data")
    with connect(settings, "admin") as client:
        drop_databases(client, settings)
        client.command(f"restore database {', database '.join(database_names(settings))} from File('{release}')")
        yield settings, client
        drop_databases(client, settings)


def test_an_upgraded_database_says_the_same_and_has_the_new_column(
    released: tuple[Settings, Client], tmp_path: Path
) -> None:
    settings, client = released
    columns = mart_columns(client, settings)
    before = sums(client, settings, columns)
    assert sum(count for count, _ in before.values()) > 1000

    migrate(ClickHouse(settings), settings)
    rows = client.query(f"select name, checksum from {settings.raw_database}.schema_migrations").result_rows
    assert pending(read_migrations(), {str(name): str(checksum) for name, checksum in rows}) == []

    project = project_with_a_new_column(tmp_path)
    run_dbt(
        settings,
        "build", "--full-refresh", "--exclude-resource-type", "test", "unit_test",
        "--project-dir", str(project), "--profiles-dir", str(project),
        target=tmp_path / "dbt",
    )  # fmt: skip

    after = sums(client, settings, columns)
    assert {mart: after.get(mart) for mart in before if mart not in CHANGED} == {
        mart: before[mart] for mart in before if mart not in CHANGED
    }
    assert "brand_new" in mart_columns(client, settings)["fct_events"]


def mart_columns(client: Client, settings: Settings) -> dict[str, list[str]]:
    """By mart, the columns that say what it says, and not of which run."""
    rows = client.query(
        "select table, groupArray(name) from (select table, name from system.columns "
        f"where database = '{settings.marts_database}' order by table, position) group by table"
    ).result_rows
    return {
        mart: [name for name in columns if name not in OF_THE_RUN]
        for mart, columns in rows
        if is_mart(mart) and mart not in LEDGERS
    }


def is_mart(name: str) -> bool:
    """What a reader knows, and not what it is made of."""
    return (
        not name.startswith("int_")
        and not name.endswith("_lookup")
        and any((PROJECT_DIR / "models" / "marts").rglob(f"{name}.sql"))
    )


def sums(client: Client, settings: Settings, columns: dict[str, list[str]]) -> Sums:
    found = {}
    for mart, names_ in columns.items():
        selected = ", ".join(f"`{name}`" for name in names_)
        [(count, total)] = client.query(
            f"select count(), sum(cityHash64(formatRow('JSONEachRow', {selected}))) "
            f"from {settings.marts_database}.{mart}"
        ).result_rows
        found[mart] = (int(count), int(total))
    return found


def project_with_a_new_column(folder: Path) -> Path:
    """The dbt project of today, with one more property in its tracking plan."""
    project = copy_project(folder / "project")
    with (project / PLAN).open("a") as plan:
        plan.write("*,brand_new,String,brand_new,shop,live,none,2026-01-01,A property that came with the upgrade.,,\n")
    assert sync(project)
    return project
