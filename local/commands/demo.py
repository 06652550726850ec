"""The whole way on one machine, and the proof that its numbers are right."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Data(StrEnum):
    SIMULATED = "simulated"
    SHOP = "shop"


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
    app.command("verify")(verify)


def demo(
    data: Annotated[Data, typer.Option(help="A simulated shop, or the event log of a real one.")] = Data.SIMULATED,
    people: Annotated[int, typer.Option(min=1, help="Humans to simulate.")] = 20_000,
    days: Annotated[int, typer.Option(min=1, help="Days to simulate.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same events.")] = 1,
    ui: Annotated[bool, typer.Option(help="Leave the Dagster UI running.")] = True,
) -> None:
    """Run the whole way: stack, events, Kafka, ClickHouse, marts, proof, tables.

    Killed anywhere, it goes on where it was when it is run again; run again when done, it changes nothing.
    """
    from local.demo.command import run
    from local.demo.dataset import Size

    run(data.value, Size(people=people, days=days, seed=seed), with_ui=ui)


def verify(
    truth: Annotated[Path, typer.Option(help="A folder of `throughline simulate`, or its truth/.", exists=True)],
) -> None:
    """Compare the marts with a brute-force computation over the ground truth, cell by cell."""
    from local.oracle.command import run

    run(truth)
