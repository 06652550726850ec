"""`throughline sideline`: what could not be used, and what is done about it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from loaders.sideline import Selection
    from loaders.warehouse import ClickHouse

sideline = typer.Typer(no_args_is_help=True, help="Unusable records: list, show, retry, fix, discard.")

ErrorClass = Annotated[str, typer.Option("--class", help="Only this error class.")]
Topic = Annotated[str, typer.Option(help="Only this topic.")]
Since = Annotated[datetime | None, typer.Option(help="Only first seen at or after this time (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Only first seen before this time (UTC).")]


@sideline.command("list")
def list_(
    error_class: ErrorClass = "",
    topic: Topic = "",
    state: Annotated[str, typer.Option(help="pending, replayed, discarded or dead.")] = "",
    since: Since = None,
    until: Until = None,
) -> None:
    """Count the records by topic, reason and state."""
    from rich.table import Table

    from loaders.sideline import summarize
    from local.load_screen import wide_console

    table = Table("topic", "class", "message", "state", "records", "first seen", "last seen")
    with _warehouse() as warehouse:
        for *texts, records, first, last in summarize(warehouse, _selection(error_class, topic, since, until, state)):
            table.add_row(*map(str, texts), f"{records:,}", f"{first:%Y-%m-%d %H:%M:%S}", f"{last:%Y-%m-%d %H:%M:%S}")
    wide_console().print(table if table.rows else "The sideline is empty.")


@sideline.command()
def show(
    error_class: ErrorClass = "",
    topic: Topic = "",
    state: Annotated[str, typer.Option(help="pending, replayed, discarded or dead.")] = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 10,
) -> None:
    """Print whole records with their payloads, the newest first."""
    from loaders.sideline import show as records

    with _warehouse() as warehouse:
        for record in records(warehouse, _selection(error_class, topic, since, until, state), limit=limit):
            payload = record.pop("payload")
            for name, value in record.items():
                typer.echo(f"{name:>14}: {value}")
            typer.echo(f"{'payload':>14}: {payload!r}\n")


@sideline.command()
def retry(
    error_class: ErrorClass = "",
    topic: Topic = "",
    since: Since = None,
    until: Until = None,
    only_due: Annotated[bool, typer.Option("--due/--all", help="Only those whose pause is over.")] = False,
) -> None:
    """Land what the present check calls usable."""
    _retry(_selection(error_class, topic, since, until), only_due=only_due)


@sideline.command()
def fix(
    name: Annotated[str, typer.Argument(help="A module of loaders/fixes/.")],
    error_class: ErrorClass = "",
    topic: Topic = "",
    since: Since = None,
    until: Until = None,
) -> None:
    """Apply a fix to the bytes and land what is usable then. The original bytes are kept."""
    from loaders.fixes import find

    find(name)
    _retry(_selection(error_class, topic, since, until), fix=name, only_due=False)


@sideline.command()
def discard(
    reason: Annotated[str, typer.Option(help="Why they are not needed; kept with them.")],
    error_class: ErrorClass = "",
    topic: Topic = "",
    since: Since = None,
    until: Until = None,
) -> None:
    """Declare pending and dead records done with. Their bytes stay in raw."""
    from loaders.errors import ThroughlineError
    from loaders.sideline import discard as run

    if not reason.strip():
        raise ThroughlineError("discarding needs a reason: --reason '…'")
    with _warehouse() as warehouse:
        count = run(warehouse, _selection(error_class, topic, since, until), reason=reason)
    typer.echo(f"{count:,} records discarded.")


def _retry(selection: "Selection", *, fix: str = "", only_due: bool) -> None:
    from loaders.settings import load_settings
    from loaders.sideline import retry_pending

    summary = retry_pending(load_settings(), selection, fix=fix, only_due=only_due)
    typer.echo(
        f"{summary.tried:,} tried: {summary.replayed:,} landed, {summary.refused:,} still unusable, "
        f"{summary.died:,} of them given up."
    )


def _selection(
    error_class: str, topic: str, since: datetime | None, until: datetime | None, state: str = ""
) -> "Selection":
    from datetime import UTC

    from loaders.sideline import Selection

    utc = [None if time is None else time.replace(tzinfo=UTC) for time in (since, until)]
    return Selection(error_class=error_class, topic=topic, state=state, since=utc[0], until=utc[1])


def _warehouse() -> "AbstractContextManager[ClickHouse]":
    from loaders.schema import opened
    from loaders.settings import load_settings

    return opened(load_settings())


def register(app: typer.Typer) -> None:
    app.add_typer(sideline, name="sideline")
