"""Seeds change in one step, and only when their file does."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import PROJECT_DIR, Settings
from tests.support.clickhouse import connect
from tests.support.dbt import run_dbt, small_project

SEED = "guarded_identifiers"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds of the dbt project, which may be changed, and its macros: nothing else to parse."""
    folder = small_project(tmp_path_factory.mktemp("project"), seeds={"small": {"+schema": "staging"}})
    for name in ("macros", "seeds"):
        shutil.copytree(PROJECT_DIR / name, folder / name)
    return folder


@contextmanager
def counted(settings: Settings, table: str) -> Iterator[set[int]]:
    """All counts of rows that somebody sees who reads the table again and again meanwhile."""
    seen: set[int] = set()
    over = Event()

    def read() -> None:
        with connect(settings, "dbt") as client:
            while not over.is_set():
                seen.add(int(client.query(f"select count() from {table}").result_rows[0][0]))

    reader = Thread(target=read)
    reader.start()
    try:
        yield seen
    finally:
        over.set()
        reader.join()


def test_a_seed_is_exchanged_when_its_file_changed_and_left_alone_otherwise(
    settings: Settings, clickhouse: Client, project: Path
) -> None:
    table = f"{settings.staging_database}.{SEED}"
    file = project / "seeds" / f"{SEED}.csv"

    def seed() -> str:
        """Read the file into the table; which table that is now."""
        where = ["--project-dir", str(project), "--profiles-dir", str(project)]
        run_dbt(settings, "seed", *where, "--select", SEED, target=project)
        [[uuid]] = clickhouse.query(
            "select toString(uuid) from system.tables where database || '.' || name = %(table)s", {"table": table}
        ).result_rows
        return str(uuid)

    def rows() -> list[str]:
        return sorted(name for (name,) in clickhouse.query(f"select identifier from {table}").result_rows)

    first, before = seed(), rows()
    assert before == sorted(file.read_text().splitlines()[1:])
    assert seed() == first

    file.write_text(f"{file.read_text().rstrip()}\nnobody-in-particular\n")
    with counted(settings, table) as seen:
        second = seed()
    assert rows() == sorted([*before, "nobody-in-particular"])
    assert second != first
    assert seen <= {len(before), len(before) + 1}

    clickhouse.command(f"truncate table {table}")
    seed()
    assert rows() == sorted([*before, "nobody-in-particular"])
    beside = clickhouse.query(f"select count() from system.tables where name = '{SEED}__beside'").result_rows
    assert beside == [(0,)]
