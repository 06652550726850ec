"""`throughline load`, `audit` and `topics`: Kafka into raw, and the proof that nothing is lost or doubled."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from threading import Event


def load(
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="Land what stands in the topics now, then end.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until stopped (Ctrl-C or SIGTERM).")] = False,
) -> None:
    """Load Kafka's topics into ClickHouse's raw tables. Safe to stop, kill and run again at any time."""
    if until_caught_up == follow:
        raise typer.BadParameter("say either --until-caught-up or --follow")
    from loaders.settings import load_settings
    from local.load_screen import LoadScreen

    settings = load_settings()
    with LoadScreen() as screen:
        if follow:
            from loaders.follow import follow as run_follow

            summary = run_follow(settings, stop=stop_on_signals(), progress=screen.show, say=screen.say)
        else:
            from loaders.run import load_until_caught_up

            summary = load_until_caught_up(settings, progress=screen.show)
    screen.print_summary(summary)


def stop_on_signals() -> "Event":
    """An event that SIGTERM and SIGINT set. A second SIGINT ends the process at once."""
    import signal
    from threading import Event

    stop = Event()

    def ask_to_stop(number: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    return stop


def register(app: typer.Typer) -> None:
    app.command()(load)
