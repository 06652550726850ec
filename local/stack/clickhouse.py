"""ClickHouse as a child process: configuration, users, start, health, clean stop."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

import psutil

from loaders.settings import PROJECT_DIR
from local.stack.accounts import write_private
from local.stack.clickhouse_http import ClickHouseHttp, check_tables
from local.stack.errors import StackError, UnsupportedPlatformError
from local.stack.process import wait_gone
from local.stack.service import Service

_CONFIG_DIR = Path(__file__).parent / "config"
_DATABASES = {"raw": "loader", "staging": "dbt", "marts": "dbt"}
# About a second's reading; what is larger shows its damage when it is read.
_CHECKED_BYTES = 2_000_000_000


class ClickHouse(Service):
    """The ClickHouse of one stack."""

    name = "clickhouse"
    scheme = "http://"

    def __init__(self, root: Path, passwords: Mapping[str, str]) -> None:
        super().__init__(root)
        self._passwords = passwords

    @property
    def logs(self) -> list[Path]:
        return [self.child.log, self.folder / "clickhouse-server.err.log"]

    def answers(self) -> bool:
        return bool(self.url) and ClickHouseHttp(self.url).answers()

    def start(self) -> psutil.Process:
        if find_spec("chdb") is None:
            raise UnsupportedPlatformError(
                f"no ClickHouse for this machine ({sys.platform}): the package chdb-core has wheels for Linux and"
                " macOS; run `make setup`, or set CLICKHOUSE_URL to a server elsewhere"
            )
        for name in ("data", "backups"):
            (self.folder / name).mkdir(exist_ok=True)
        self._configure(self.ports.claim(self.name))
        return self.child.spawn(
            [sys.executable, "-m", "local.stack.clickhouse_server", str(self.folder)],
            # The child finds the project's packages wherever the command was typed.
            environment={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
            directory=PROJECT_DIR,
        )

    def after_start(self, *, is_new: bool) -> None:
        for database, owner in _DATABASES.items():
            self._run(owner, f"CREATE DATABASE IF NOT EXISTS {database}")
        if is_new:
            server = ClickHouseHttp(self.url)
            check_tables(server, user="admin", password=self._passwords["admin"], budget_bytes=_CHECKED_BYTES)

    def down(self) -> bool:
        """Stop it. The end of the endless query makes the engine finish what it writes and flush its logs."""
        process = self.process()
        if process is not None:
            with contextlib.suppress(StackError):
                self._run("admin", "KILL QUERY WHERE query LIKE 'SELECT sleep(1e9)%' AND user = '' ASYNC")
                wait_gone([process], seconds=self.seconds_to_stop)
        return super().down() or process is not None

    def _run(self, user: str, statement: str) -> str:
        return ClickHouseHttp(self.url).run(statement, user=user, password=self._passwords[user])

    def _configure(self, port: int) -> None:
        config = Template((_CONFIG_DIR / "clickhouse.xml").read_text()).substitute(
            folder=escape(str(self.folder)),
            http_port=port,
            memory=escape(os.environ.get("THROUGHLINE_CLICKHOUSE_MEMORY", "1500000000")),
            log_level=escape(os.environ.get("THROUGHLINE_CLICKHOUSE_LOG_LEVEL", "warning")),
        )
        hashes = {f"{user}_sha256": _sha256(password) for user, password in self._passwords.items()}
        users = Template((_CONFIG_DIR / "users.xml").read_text()).substitute(hashes)
        write_private(self.folder / "config.xml", config)
        write_private(self.folder / "users.xml", users)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
