"""Run dbt and Dagster against the warehouse that the settings name."""

import os

import typer

_PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def register(app: typer.Typer) -> None:
    app.command("dbt", context_settings=_PASS_THROUGH)(run_dbt)


def run_dbt(context: typer.Context) -> None:
    """Run dbt with the warehouse's environment set, e.g. `throughline dbt build`."""
    _become("dbt", context.args)


def _become(program: str, arguments: list[str]) -> None:
    """Replace this process, so that signals and the exit code are the program's own."""
    import sys
    from pathlib import Path

    from loaders.settings import load_settings

    executable = Path(sys.executable).parent / program
    os.execve(executable, [program, *arguments], {**os.environ, **load_settings().as_environment()})
