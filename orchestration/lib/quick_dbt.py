"""dagster-dbt's resource without what it does before each dbt: 7 CPU-seconds that no run of this project needs.

It asks `dbt --version` in a process of its own, and sets up dbt's adapter in the run's process, for row counts and
columns that are not fetched here. Both are private there, so that a new dagster-dbt needs a look: pyproject.toml pins
it, and `test_a_run_does_not_load_dbt_twice` notices.
"""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Self

from dagster_dbt import DbtCliResource, DbtProject
from packaging.version import Version


class QuickDbt(DbtCliResource):
    """Starts dbt at once, on the leash of `leashed_dbt.py`."""

    @classmethod
    def of(cls, project: DbtProject) -> Self:
        program = Path(sys.executable).parent / "throughline-dbt"
        # The library takes a project here, and says text.
        return cls(project_dir=project, dbt_executable=str(program))  # type: ignore[arg-type]

    @property
    def _cli_version(self) -> Version:
        return Version(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:
        return None
