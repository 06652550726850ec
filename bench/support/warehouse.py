"""A stack of its own for a benchmark of models: raw tables to fill, dbt to run, a client that may do anything."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import psutil
from clickhouse_connect.driver.client import Client

from bench.support.cost import Cost, measured, run_and_time
from loaders.schema import migrate
from loaders.settings import PROJECT_DIR, Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from local.stack.signals import unwind_on_sigterm
from local.user_agents.seed import ensure_seed

RESULTS = PROJECT_DIR / ".bench"
DBT = [str(Path(sys.executable).parent / "throughline-dbt"), "--no-use-colors"]


@dataclass(frozen=True)
class BenchWarehouse:
    settings: Settings
    client: Client
    server: psutil.Process
    folder: Path
    password: str = field(repr=False)

    def connect(self) -> Client:
        """A client of its own, for a thread of its own."""
        return connect(self.settings, self.password)

    def land(self, statements: Iterable[str]) -> None:
        """Make raw records by statements that insert them."""
        for statement in statements:
            self.client.command(statement)

    def build(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> float:
        """Run dbt with these arguments; its own CPU-seconds."""
        dbt = [*DBT, *arguments, "--vars", json.dumps(dict(variables or {}))]
        return run_and_time(dbt, self._environment(), str(PROJECT_DIR))

    def compiled(self, sql: str) -> str:
        """The SQL that dbt makes of it for this warehouse."""
        dbt = [*DBT, "--quiet", "compile", "--inline", sql]
        done = subprocess.run(dbt, env=self._environment(), cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
        return done.stdout

    def cost_of_building(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> Cost:
        return measured(self.client, self.server, lambda: self.build(*arguments, variables=variables))

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ, **self.settings.as_environment(), "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }  # fmt: skip

    def keep(self, name: str, figures: Mapping[str, Any]) -> None:
        """Add a line of figures, with the load of the machine, to `.bench/<name>.jsonl`."""
        RESULTS.mkdir(exist_ok=True)
        with (RESULTS / f"{name}.jsonl").open("a") as file:
            file.write(json.dumps({"load": os.getloadavg()[1], **figures}) + "\n")


@contextmanager
def open_bench(*, kafka: bool = False) -> Iterator[BenchWarehouse]:
    """Engine and databases, gone afterwards. The engine takes 6 GB at most, as the aim has it."""
    # What it counts: its process may come to a little more.
    os.environ.setdefault("THROUGHLINE_CLICKHOUSE_MEMORY", "5800000000")
    unwind_on_sigterm()
    ensure_seed()
    folder = Path(tempfile.mkdtemp(prefix="throughline-bench-"))
    stack = Stack(folder)
    try:
        settings = stack.up(kafka=kafka)
        process = stack.service("clickhouse").process()
        assert process is not None
        client = connect(settings, stack.admin_password())
        for database in (settings.raw_database, settings.staging_database, settings.marts_database):
            client.command(f"create database if not exists {database}")
        migrate(ClickHouse(settings), settings)
        yield BenchWarehouse(settings, client, psutil.Process(process.pid), folder, stack.admin_password())
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def connect(settings: Settings, password: str) -> Client:
    url = urlsplit(settings.clickhouse_url)
    return clickhouse_connect.get_client(
        host=url.hostname or "", port=url.port or 0, username="admin", password=password, send_receive_timeout=3_600
    )
