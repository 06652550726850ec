"""Makes the small database that the next release has to upgrade: run it as the last thing before a release,

    .venv/bin/python -m tests.upgrade.make

and commit tests/upgrade/databases/<version>.tar.gz: a backup of raw, staging and marts, as this release leaves them.
"""

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from clickhouse_connect.driver.client import Client

from loaders.run import load_until_caught_up
from loaders.settings import Settings
from local.stack import Stack
from tests.support.clickhouse import ADMIN_PASSWORDS, connect
from tests.support.databases import database_names
from tests.support.dbt import run_dbt

DATABASES = Path(__file__).parent / "databases"
# Views name their databases, so that they are restored under the names that they were made with.
SUFFIX = "_release"


def of_release(settings: Settings) -> Settings:
    return settings.model_copy(update={"throughline_schema_suffix": SUFFIX})


def drop_dictionaries(client: Client, settings: Settings) -> None:
    """They hold a password, and are made anew by each build."""
    for database in database_names(settings):
        rows = client.query(f"select name from system.dictionaries where database = '{database}'").result_rows
        for (name,) in rows:
            client.command(f"drop dictionary {database}.{name} sync settings check_table_dependencies = 0")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="throughline-release-", dir="/tmp"))
    stack, release = Stack(folder), version("throughline")
    try:
        settings = of_release(stack.up())
        ADMIN_PASSWORDS[settings.clickhouse_url] = stack.admin_password()
        _throughline(settings, "simulate", "--people", "60", "--days", "21", "--out", str(folder / "input"))
        _throughline(settings, "produce", str(folder / "input"))
        load_until_caught_up(settings)
        run_dbt(settings, "build", "--exclude-resource-type", "test", "unit_test", target=folder / "dbt")
        with connect(settings, "admin") as client:
            drop_dictionaries(client, settings)
            client.command(f"backup database {', database '.join(database_names(settings))} to File('{release}')")
        DATABASES.mkdir(exist_ok=True)
        made = shutil.make_archive(str(DATABASES / release), "gztar", folder / "clickhouse" / "backups", release)
        print(f"{made}: {Path(made).stat().st_size:,} bytes")
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def _throughline(settings: Settings, *arguments: str) -> None:
    program = str(Path(sys.executable).parent / "throughline")
    subprocess.run([program, *arguments], env=dict(settings.as_environment()), check=True)


if __name__ == "__main__":
    main()
