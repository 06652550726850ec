"""Run dbt and Dagster against the warehouse that the settings name."""

import os
from collections.abc import Mapping

import typer

_PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def register(app: typer.Typer) -> None:
    app.command("dbt", context_settings=_PASS_THROUGH)(run_dbt)
    app.command("dagster", context_settings=_PASS_THROUGH)(run_dagster)


def run_dbt(context: typer.Context) -> None:
    """Run dbt with the warehouse's environment set, e.g. `throughline dbt build`."""
    from loaders.settings import load_settings

    _become("dbt", context.args, load_settings().as_dbt_environment())


def run_dagster(context: typer.Context) -> None:
    """Run Dagster on the project's definitions, e.g. `throughline dagster dev`. Its home is in the stack's folder."""
    from loaders.settings import load_settings, local_dir
    from local.stack.dagster import dagster_home

    folder = local_dir()
    _become(
        "dagster",
        context.args,
        {
            **load_settings().as_environment(),
            "DAGSTER_HOME": os.environ.get("DAGSTER_HOME") or str(dagster_home(folder)),
            "THROUGHLINE_LOCAL_DIR": str(folder),
        },
    )


def _become(program: str, arguments: list[str], variables: Mapping[str, str]) -> None:
    """Become the program, in the project's folder, so that signals and the exit code are its own."""
    import sys
    from pathlib import Path

    from loaders.settings import PROJECT_DIR
    from local.user_agents.seed import ensure_seed

    ensure_seed()
    executable = Path(sys.executable).parent / program
    os.chdir(PROJECT_DIR)
    os.execve(executable, [program, *arguments], {**os.environ, **variables})
