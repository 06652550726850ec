"""The Dagster UI and its daemon as one more child process."""

import os
import shutil
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import psutil

from loaders.settings import PROJECT_DIR
from local.stack.folders import writing
from local.stack.ports import LOOPBACK
from local.stack.service import Service


def dagster_home(root: Path) -> Path:
    """Dagster's own folder: its runs and schedules. Made with the project's `dagster.yaml` in it."""
    home = root / "dagster"
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT_DIR / "orchestration" / "dagster.yaml", home / "dagster.yaml")
    return home


class Dagster(Service):
    """`dagster dev` on the definitions that pyproject.toml names."""

    name = "dagster"
    scheme = "http://"
    # It imports the project several times, and parses dbt's when there is no manifest yet.
    seconds_to_start = 180

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        super().__init__(root)
        self._root = root
        self._environment = environment

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/server_info", timeout=2) as reply:
                return bool(reply.status == 200)
        except (OSError, ValueError):
            return False

    def start(self) -> psutil.Process:
        home, port = dagster_home(self._root), self.ports.claim(self.name)
        program = str(Path(sys.executable).parent / "dagster")
        return self.child.spawn(
            [program, "dev", "-h", LOOPBACK, "-p", str(port)],
            environment={**os.environ, **self._environment, "DAGSTER_HOME": str(home)},
            directory=PROJECT_DIR,
        )
