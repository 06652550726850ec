"""What `throughline plan …` does."""

import typer

from loaders.settings import PROJECT_DIR
from local.plan.errors import PlanError
from local.plan.sync import PLAN, out_of_date, sync


def run_sync() -> None:
    changed = sync(PROJECT_DIR)
    for path in changed:
        typer.echo(f"wrote {path}")
    typer.echo("now: throughline dbt build" if changed else f"all that is made of {PLAN} is up to date")


def run_check() -> None:
    stale = out_of_date(PROJECT_DIR)
    if stale:
        raise PlanError(f"{', '.join(map(str, stale))}: not what {PLAN} says; run throughline plan sync")
    typer.echo(f"all that is made of {PLAN} is up to date")
