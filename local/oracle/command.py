"""`throughline verify` as a person sees it."""

import gc
import time
from pathlib import Path

from rich.console import Console

from loaders.errors import ThroughlineError
from loaders.settings import load_settings
from local.oracle.comparison import Check
from local.oracle.evidence import Evidence
from local.oracle.truth import truth_of
from local.oracle.verify import QUESTIONS, verify
from local.oracle.warehouse import ClickHouseWarehouse
from local.produce.ends import records_of_streams


class DifferenceError(ThroughlineError):
    """The warehouse differs from the truth."""


def run(folder: Path) -> None:
    """Ask every question, print a line on each answer. Raises DifferenceError if any differs."""
    console = Console(highlight=False)
    # Millions of small objects that all stay: looking for garbage among them takes longer than comparing them.
    gc.disable()
    started = time.monotonic()
    with console.status("reading the truth"):
        settings = load_settings()
        warehouse = ClickHouseWarehouse(
            settings, user=settings.clickhouse_dbt_user, password=settings.clickhouse_dbt_password
        )
        evidence = Evidence(truth_of(folder), warehouse, records_of_streams(settings))
    console.print(
        f"read the truth in {time.monotonic() - started:.1f} s: {len(evidence.truth.events):,} distinct events"
    )
    different = 0
    with console.status("comparing") as status:
        for number, check in enumerate(verify(evidence), start=1):
            show(console, check)
            different += not check.is_equal
            status.update(f"comparing: {number} of {len(QUESTIONS)}")
    if different:
        raise DifferenceError(
            f"{different} of {len(QUESTIONS)} comparisons with the brute force over {folder} differ, see above"
        )
    console.print(f"[green]✓[/] every number equals the brute force, in {time.monotonic() - started:.1f} s")


def show(console: Console, check: Check) -> None:
    """A tick, or a cross and the first differences."""
    mark = "[green]✓[/]" if check.is_equal else "[red]✗[/]"
    line = f"{mark} {check.name:<51} {check.compared:>8,} {check.unit:<8} {check.seconds:4.1f} s"
    console.print(line, soft_wrap=True)
    for difference in check.differences:
        console.print(f"    {difference}", style="red", markup=False, soft_wrap=True)
