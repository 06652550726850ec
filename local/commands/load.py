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


def audit() -> None:
    """Prove that every record that Kafka handed out stands in raw once. Exits 1 where that does not hold."""
    from loaders.audit import audit as run
    from loaders.settings import load_settings
    from local.load_screen import print_audit

    report = run(load_settings())
    print_audit(report)
    if not report.holds:
        raise typer.Exit(1)


topics = typer.Typer(no_args_is_help=True, help="The topics that are loaded.")


@topics.command("list")
def list_() -> None:
    """Show each topic's partitions, end and lag."""
    from loaders.settings import load_settings
    from loaders.topics import states
    from local.load_screen import print_topics

    print_topics(states(load_settings()))


@topics.command("new-generation")
def new_generation(
    topic: Annotated[str, typer.Argument(help="A topic that was deleted and made again, or lost records.")],
    reason: Annotated[str, typer.Option(help="Why; kept in raw.topic_generations.")] = "",
) -> None:
    """Go on with a topic whose offsets no longer fit what is landed."""
    from loaders.settings import load_settings
    from loaders.topics import new_generation as run

    number = run(load_settings(), topic, reason=reason)
    typer.echo(f"{topic} goes on as generation {number}, from the first record that Kafka has.")


@topics.command("resume")
def resume(
    topic: Annotated[str, typer.Argument(help="A topic that the breaker stopped.")],
    reason: Annotated[str, typer.Option(help="Why; kept in raw.breaker_log.")] = "",
) -> None:
    """Go on with a topic that unusable records flooded. What stands in it now lands whatever it is."""
    from loaders.settings import load_settings
    from loaders.topics import resume as run

    run(load_settings(), topic, reason=reason)
    typer.echo(f"{topic} goes on; the breaker watches what is produced from now on.")


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
    app.command()(audit)
    app.add_typer(topics, name="topics")
