"""Run dbt as a user would: the real program, with its own target and log folders."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from loaders.settings import PROJECT_DIR, Settings
from local.user_agents.seed import ensure_seed


def run_dbt(settings: Settings, *arguments: str, target: Path) -> subprocess.CompletedProcess[str]:
    """Run `dbt <arguments>` against the warehouse of the settings, in `target` as its target folder.

    Fails the test with dbt's output when dbt fails.
    """
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), "--no-use-colors", *arguments],
        cwd=PROJECT_DIR,
        env={
            **os.environ,
            **settings.as_environment(),
            "DBT_TARGET_PATH": str(target / "target"),
            "DBT_LOG_PATH": str(target / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"dbt {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def copy_project(folder: Path) -> Path:
    """A copy of the dbt project in the folder, to be changed by a test."""
    ensure_seed()
    for name in ("models", "macros", "seeds", "tests/dbt"):
        shutil.copytree(PROJECT_DIR / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(PROJECT_DIR / name, folder / name)
    return folder


def small_project(folder: Path, **config: Any) -> Path:
    """A project in the folder, connected as ours is, with nothing to parse. `config`: more of its `dbt_project.yml`."""
    (folder / "dbt_project.yml").write_text(json.dumps({"name": "small", "profile": "throughline", **config}))
    shutil.copy(PROJECT_DIR / "profiles.yml", folder)
    return folder
