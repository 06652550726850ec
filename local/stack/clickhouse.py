"""ClickHouse as a child process: configuration, users, start, health, clean stop."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

import psutil

from loaders.settings import PROJECT_DIR
from local.stack.accounts import write_private
from local.stack.clickhouse_http import ClickHouseHttp, check_tables
from local.stack.errors import NotStartedError, StackError, UnsupportedPlatformError
from local.stack.folders import writing
from local.stack.logs import LogMark, explain
from local.stack.ports import LOOPBACK, Ports
from local.stack.process import Child

_CONFIG_DIR = Path(__file__).parent / "config"
_DATABASES = {"raw": "loader", "staging": "dbt", "marts": "dbt"}
# About a second's reading; what is larger shows its damage when it is read.
_CHECKED_BYTES = 2_000_000_000


class ClickHouse:
    """The ClickHouse of one stack."""

    name = "clickhouse"

    def __init__(self, root: Path, passwords: Mapping[str, str]) -> None:
        self.folder = root / self.name
        self._child = Child(self.folder, self.name)
        self._ports = Ports(root)
        self._passwords = passwords

    @property
    def url(self) -> str:
        port = self._ports.remembered(self.name)
        return f"http://{LOOPBACK}:{port}" if port else ""

    @property
    def logs(self) -> list[Path]:
        return [self._child.log, self.folder / "clickhouse-server.log"]

    def process(self) -> psutil.Process | None:
        return self._child.find()

    def up(self) -> None:
        _require_engine()
        with writing(self.folder):
            for name in ("data", "backups"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
        port = self._ports.claim(self.name)
        self._configure(port)
        mark = LogMark([self._child.log, self.folder / "clickhouse-server.err.log"])
        process = self._child.spawn(
            [sys.executable, "-m", "local.stack.clickhouse_server", str(self.folder)],
            # The child finds the project's packages wherever the command was typed.
            environment={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
            directory=PROJECT_DIR,
        )
        try:
            self._child.wait_until(self.answers, process, seconds=60)
            for database, owner in _DATABASES.items():
                self._run(owner, f"CREATE DATABASE IF NOT EXISTS {database}")
            check_tables(self._http(), user="admin", password=self._passwords["admin"], budget_bytes=_CHECKED_BYTES)
        except StackError as error:
            self._child.kill()
            if isinstance(error, NotStartedError):
                raise explain(error, added=mark.added(), folder=self.folder, log=self._child.log) from None
            raise

    def down(self) -> bool:
        """Stop it. The end of the endless query makes the engine finish its merges and flush its logs."""
        process = self.process()
        if process is not None:
            with contextlib.suppress(StackError):
                self._run("admin", "KILL QUERY WHERE query LIKE 'SELECT sleep(1e9)%' AND user = '' ASYNC")
                psutil.wait_procs([process], timeout=20)
        return self._child.stop(patience=20) or process is not None

    def kill(self) -> bool:
        return self._child.kill()

    def answers(self) -> bool:
        return bool(self.url) and self._http().answers()

    def _http(self) -> ClickHouseHttp:
        return ClickHouseHttp(self.url)

    def _run(self, user: str, statement: str) -> str:
        return self._http().run(statement, user=user, password=self._passwords[user])

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


def _require_engine() -> None:
    from importlib.util import find_spec

    if find_spec("chdb") is None:
        raise UnsupportedPlatformError(
            f"no ClickHouse for this machine ({sys.platform}): the package chdb-core has wheels for Linux and macOS;"
            " run `make setup`, or set CLICKHOUSE_URL to a server elsewhere"
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
