"""ClickHouse as a child process: configuration, users, start, health."""

import hashlib
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from string import Template

import psutil

from loaders.settings import PROJECT_DIR
from local.stack.ports import LOOPBACK, Ports
from local.stack.process import Child, wait_until

CONFIG_DIR = Path(__file__).parent / "config"
DATABASES = ("raw", "staging", "marts")


class ClickHouse:
    """The ClickHouse of one folder."""

    name = "clickhouse"

    def __init__(self, root: Path, passwords: dict[str, str]) -> None:
        self.folder = root / self.name
        self.log = self.folder / "clickhouse.log"
        self._child = Child(self.folder, self.name)
        self._ports = Ports(root)
        self._passwords = passwords

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports.remembered(self.name)}"

    def process(self) -> psutil.Process | None:
        return self._child.find()

    def up(self) -> None:
        for name in ("data", "backups"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        port = self._ports.claim(self.name)
        self._configure(port)
        # The child finds the project's packages wherever the command was typed.
        environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR)}
        process = self._child.spawn(
            [sys.executable, "-m", "local.stack.clickhouse_server", str(self.folder)],
            environment=environment,
            directory=PROJECT_DIR,
        )
        wait_until(self.answers, process, seconds=60)
        self._create_databases()

    def down(self) -> bool:
        return self._child.stop(patience=20)

    def kill(self) -> bool:
        return self._child.kill()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/ping", timeout=2) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def _configure(self, port: int) -> None:
        config = Template((CONFIG_DIR / "clickhouse.xml").read_text()).substitute(
            folder=self.folder,
            http_port=port,
            memory=os.environ.get("THROUGHLINE_CLICKHOUSE_MEMORY", "1500000000"),
            log_level=os.environ.get("THROUGHLINE_CLICKHOUSE_LOG_LEVEL", "warning"),
        )
        hashes = {f"{user}_sha256": _sha256(password) for user, password in self._passwords.items()}
        users = Template((CONFIG_DIR / "users.xml").read_text()).substitute(hashes)
        for name, text in (("config.xml", config), ("users.xml", users)):
            path = self.folder / name
            path.touch(mode=0o600)
            path.write_text(text)

    def _create_databases(self) -> None:
        for user, names in (("loader", ("raw",)), ("dbt", ("staging", "marts"))):
            for name in names:
                self._run(user, f"CREATE DATABASE IF NOT EXISTS {name}")

    def _run(self, user: str, statement: str) -> str:
        request = urllib.request.Request(
            self.url,
            data=statement.encode(),
            headers={"X-ClickHouse-User": user, "X-ClickHouse-Key": self._passwords[user]},
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            return str(reply.read().decode())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
