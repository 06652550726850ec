"""`throughline load`, `audit` and `topics`: Kafka into raw, and the proof that nothing is lost or doubled."""

from typing import Annotated

import typer


def load(
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="Land what stands in the topics now, then end.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until stopped (Ctrl-C or SIGTERM).")] = False,
) -> None:
    """Load Kafka's topics into ClickHouse's raw tables. Safe to stop, kill and run again at any time."""
    from loaders.settings import load_settings
    from local.load_screen import LoadScreen

    if until_caught_up == follow:
        raise typer.BadParameter("say either --until-caught-up or --follow")
    from loaders.run import load_until_caught_up

    with LoadScreen() as screen:
        summary = load_until_caught_up(load_settings(), progress=screen.show)
    screen.print_summary(summary)


def register(app: typer.Typer) -> None:
    app.command()(load)
