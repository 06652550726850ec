"""Make input and send it: `simulate` and `produce`."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class OnError(StrEnum):
    SKIP = "skip"
    STOP = "stop"
    KEEP = "keep"


def register(app: typer.Typer) -> None:
    app.command("simulate")(simulate)
    app.command("produce")(produce)


def simulate(
    out: Annotated[Path, typer.Option(help="Folder for events.ndjson, identities.ndjson, people.ndjson and truth/.")],
    seed: Annotated[int, typer.Option(help="The same seed and options give the same bytes.")] = 1,
    people: Annotated[int, typer.Option(min=1, help="Humans; crawlers come on top.")] = 20_000,
    days: Annotated[int, typer.Option(min=1)] = 60,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day, UTC.")] = datetime(2025, 9, 1),
    events: Annotated[int, typer.Option(min=0, help="About how many events; 0 = 30 per person.")] = 0,
    project: Annotated[str, typer.Option(help="The project_id of all messages.")] = "default",
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any option of docs/simulator.md. Repeatable."),
    ] = None,
) -> None:
    """Simulate a shop's visitors, with every irregularity of real input, and keep the truth beside it."""
    from local.simulator.command import run

    sizes = {"seed": seed, "people": people, "days": days, "events": events, "project_id": project}
    run(out, start.date(), {name: str(value) for name, value in sizes.items()}, options or [])


def produce(
    files: Annotated[
        list[Path], typer.Argument(help="NDJSON or CSV files (plain, .gz, .zst), or folders of `throughline simulate`.")
    ],
    mapping: Annotated[Path | None, typer.Option(help="YAML that maps a CSV's columns (docs/producing.md).")] = None,
    on_error: Annotated[
        OnError, typer.Option(help="A line that holds no message: skip it, stop, or keep (send its bytes).")
    ] = OnError.SKIP,
    pace: Annotated[
        float | None, typer.Option(min=0.001, help="Send at the pace of the data's own clock, so many times as fast.")
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Send everything to this topic.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Pass over what a killed run of the same files has sent into fresh topics.")
    ] = False,
) -> None:
    """Replay files of messages into the topics."""
    from local.produce.command import run

    run(files, mapping_file=mapping, on_error=on_error.value, pace=pace, topic=topic, resume=resume)
