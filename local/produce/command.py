"""`throughline produce` as a person sees it."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from loaders.settings import load_settings
from local.produce.errors import MappingError
from local.produce.mapping import CsvMapping
from local.produce.message import BadLine
from local.produce.run import Listener, OnError, Pace, produce
from local.produce.sources import find_sources

_BAD_LINES_SHOWN = 10


def run(
    files: Sequence[Path],
    *,
    mapping_file: Path | None,
    on_error: str,
    pace: float | None,
    topic: str | None,
    resume: bool = False,
) -> None:
    """Send with a progress bar, show the first bad lines, and say what was sent."""
    mapping = CsvMapping.read(mapping_file) if mapping_file else None
    sources = find_sources(files, mapping.stream if mapping else None)
    if not mapping:
        unmapped = next((source for source in sources if source.is_csv), None)
        if unmapped:
            raise MappingError(f"{unmapped.path} is CSV: say with --mapping which column is what")
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (TextColumn("producing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    skipped = 0

    def show(path: Path, bad: BadLine) -> None:
        nonlocal skipped
        if on_error == OnError.KEEP and bad.value is not None:
            # Wanted as they are: their number is enough.
            return
        skipped += 1
        if skipped <= _BAD_LINES_SHOWN:
            console.print(f"bad line {path}:{bad.number}: {bad.reason}", markup=False)
        elif skipped == _BAD_LINES_SHOWN + 1:
            console.print("further bad lines are only counted")

    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=sum(source.size for source in sources))
        summary = produce(
            sources,
            load_settings(),
            on_error=OnError(on_error),
            mapping=mapping,
            topic=topic,
            pace=Pace(pace) if pace else None,
            resume=resume,
            listener=Listener(lambda position: progress.update(task, completed=position), show),
        )
    out = Console(highlight=False, soft_wrap=True)
    for name, count in summary.sent.items():
        out.print(f"{name}: {count:,} records sent")
    treated = {"sent as they are": summary.bad_lines - skipped, "skipped": skipped}
    treatments = ", ".join(f"{count:,} {treatment}" for treatment, count in treated.items() if count)
    out.print(f"bad lines: {treatments or 'none'}")
    out.print(f"{summary.records:,} records in {summary.seconds:.1f} s ({summary.records_per_second:,.0f}/s)")
