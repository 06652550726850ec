"""What each stage took, as a table."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table

from local.demo.stages import Timing


def timing_table(timings: Sequence[Timing], handled: Mapping[str, int]) -> Table:
    """Seconds of each stage, and how much it handled in them; a stage that found its work done has no rate."""
    table = Table(title="What it took", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("stage")
    for name in ("seconds", "events", "events/s"):
        table.add_column(name, justify="right")
    for timing in timings:
        count = handled.get(timing.title)
        rate = f"{count / timing.seconds:,.0f}" if count else ""
        table.add_row(timing.title, f"{timing.seconds:.1f}", "" if count is None else f"{count:,}", rate)
    table.add_section()
    table.add_row("all", f"{sum(timing.seconds for timing in timings):.1f}", "", "")
    return table
