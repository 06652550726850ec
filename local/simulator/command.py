"""`throughline simulate` as a person sees it."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from local.simulator.config import SimulatorConfig, SimulatorOptionError
from local.simulator.run import Simulation, simulate


def run(out: Path, start: date, sizes: Mapping[str, str], options: Sequence[str]) -> None:
    """Simulate with a progress bar and say what was written."""
    pairs = [option.partition("=") for option in options]
    unset = [name for name, sign, _ in pairs if not sign]
    if unset:
        raise SimulatorOptionError(f"simulate: --set {unset[0]}: expected NAME=VALUE")
    config = SimulatorConfig(start=start).with_options({**sizes, **{name: value for name, _, value in pairs}})
    console = Console()
    began = monotonic()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("simulating", total=None)
        simulation = simulate(config, out, lambda done, total: progress.update(task, completed=done, total=total))
    seconds = monotonic() - began
    console.print(_table(simulation))
    records = sum(counts.records for counts in simulation.counts.values())
    console.print(f"{records:,} records in {seconds:.1f} s ({records / seconds:,.0f}/s): {out}")


def _table(simulation: Simulation) -> Table:
    table = Table("topic", "records", "clean", "duplicates", "unusable", "of the clean")
    for topic, counts in simulation.counts.items():
        kinds = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.kinds.items())
        table.add_row(
            topic,
            f"{counts.records:,}",
            f"{counts.clean:,}",
            f"{counts.duplicates:,}",
            f"{counts.sidelined:,}",
            kinds,
        )
    return table
