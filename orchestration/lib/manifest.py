"""The parsed dbt project that the asset graph is made of."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

from dagster_dbt import DbtProject
from filelock import FileLock

from loaders.errors import ThroughlineError
from loaders.settings import PROJECT_DIR, Settings, load_settings
from orchestration.lib.project_files import project_files

TARGET: Final = Path("target/dagster")
PARSED_FOR: Final = "parsed_for"


class UnparsableProjectError(ThroughlineError):
    """The dbt project has an error, so that there is no graph to show."""


def prepared_project(folder: Path = PROJECT_DIR) -> DbtProject:
    """The dbt project with a manifest that is as new as its files, and parsed for the warehouse of the settings.

    A file's change costs one `dbt parse` at the next load, whoever loads first; nothing changed costs some
    milliseconds. dbt parses anew what was parsed for another connection, and would do so in each run.
    """
    project = DbtProject(folder, target_path=TARGET, profiles_dir=folder)
    project.manifest_path.parent.mkdir(parents=True, exist_ok=True)
    parsed_for, mark = project.manifest_path.with_name(PARSED_FOR), _mark(load_settings())
    with FileLock(project.manifest_path.with_suffix(".lock")):
        if is_stale(project.manifest_path, folder) or not parsed_for.exists() or parsed_for.read_text() != mark:
            _parse(folder)
            parsed_for.write_text(mark)
    return project


def is_stale(manifest: Path, folder: Path) -> bool:
    """Whether any file of the dbt project is newer than what was parsed of it, or nothing was parsed yet."""
    if not manifest.exists():
        return True
    parsed_at = manifest.stat().st_mtime
    return any(path.stat().st_mtime > parsed_at for path in project_files(folder))


def _mark(settings: Settings) -> str:
    """What of the settings a parse depends on: profiles.yml makes the connection of it."""
    told = (settings.clickhouse_url, settings.clickhouse_dbt_user, settings.throughline_schema_suffix)
    return sha256(repr(told).encode()).hexdigest()


def _parse(folder: Path) -> None:
    """Run `dbt parse` beside the manifest and swap the result in, so that nobody reads half a file."""
    parsing = folder / TARGET / "parsing"
    finished = subprocess.run(
        [Path(sys.executable).parent / "dbt", "--quiet", "parse", "--target-path", parsing, "--log-path", parsing],
        cwd=folder,
        env={**os.environ, **load_settings().as_environment(), "DBT_PROFILES_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise UnparsableProjectError(
            f"The dbt project in {folder} does not parse. `throughline dbt parse` shows the same:\n"
            f"{finished.stdout}{finished.stderr}".rstrip()
        )
    (parsing / "partial_parse.msgpack").replace(folder / TARGET / "partial_parse.msgpack")
    (parsing / "manifest.json").replace(folder / TARGET / "manifest.json")
