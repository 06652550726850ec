"""Where Dagster looks: everything under `defs/<area>/`, as one code location."""

from pathlib import Path

import dagster as dg


@dg.definitions
def definitions() -> dg.Definitions:
    """All assets, checks, jobs and schedules. Parses the dbt project first when its manifest is missing or old."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
