"""The tracking plan: `throughline plan sync` and `throughline plan check`."""

import typer


def register(app: typer.Typer) -> None:
    plan = typer.Typer(no_args_is_help=True, help="The tracking plan, seeds/tracking_plan.csv.")
    plan.command("sync")(sync)
    plan.command("check")(check)
    app.add_typer(plan, name="plan")


def sync() -> None:
    """Make the models' columns, contracts, docs and tests of the plan."""
    from local.plan.command import run_sync

    run_sync()


def check() -> None:
    """Check the plan, and that what is made of it is up to date. Writes nothing."""
    from local.plan.command import run_check

    run_check()
