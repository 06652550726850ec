"""The Dagster UI and its daemon as one more child process."""

import os
import shutil
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import psutil

from loaders.settings import PROJECT_DIR
from local.stack.errors import NotStartedError
from local.stack.folders import writing
from local.stack.logs import LogMark, explain
from local.stack.ports import LOOPBACK, Ports
from local.stack.process import Child


def dagster_home(root: Path) -> Path:
    """Dagster's own folder: its runs and schedules. Made with the project's `dagster.yaml` when it is not there."""
    home = root / "dagster"
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT_DIR / "orchestration" / "dagster.yaml", home / "dagster.yaml")
    return home


class Dagster:
    """`dagster dev` on the definitions that pyproject.toml names."""

    name = "dagster"

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.folder = root / self.name
        self._root = root
        self._child = Child(self.folder, self.name)
        self._ports = Ports(root)
        self._environment = environment

    @property
    def url(self) -> str:
        port = self._ports.remembered(self.name)
        return f"http://{LOOPBACK}:{port}" if port else ""

    @property
    def logs(self) -> list[Path]:
        return [self._child.log]

    def process(self) -> psutil.Process | None:
        return self._child.find()

    def up(self) -> None:
        home = dagster_home(self._root)
        port = self._ports.claim(self.name)
        program = str(Path(sys.executable).parent / "dagster")
        mark = LogMark([self._child.log])
        process = self._child.spawn(
            [program, "dev", "-h", LOOPBACK, "-p", str(port)],
            environment={**os.environ, **self._environment, "DAGSTER_HOME": str(home)},
            directory=PROJECT_DIR,
        )
        try:
            self._child.wait_until(self.answers, process, seconds=120)
        except NotStartedError as error:
            self._child.kill()
            raise explain(error, added=mark.added(), folder=self.folder, log=self._child.log) from None

    def down(self) -> bool:
        return self._child.stop(patience=20)

    def kill(self) -> bool:
        return self._child.kill()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/server_info", timeout=2) as reply:
                return bool(reply.status == 200)
        except (OSError, ValueError):
            return False
