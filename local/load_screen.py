"""What `throughline load` shows while it works and when it is done."""

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from loaders.audit import AuditReport
from loaders.ledger import findings
from loaders.summary import LoadSummary
from loaders.topics import TopicState


def wide_console() -> Console:
    """A console whose tables are not cut to 80 columns where the output goes into a file or a pipe."""
    console = Console()
    return console if console.is_terminal else Console(width=160)


class LoadScreen:
    """A progress line on stderr, and a table on stdout at the end."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("loading"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[text]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("load", total=None, text="asking where to go on")

    def __enter__(self) -> "LoadScreen":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, summary: LoadSummary, waiting: int) -> None:
        """Say how far the load is."""
        self._progress.update(
            self._task,
            completed=summary.consumed,
            total=summary.consumed + waiting if waiting else None,
            text=f"{summary.consumed:,} records, {summary.per_second:,.0f}/s, {summary.sidelined:,} sidelined",
        )

    def say(self, line: str) -> None:
        """Print a line above the progress."""
        self._progress.console.print(line, markup=False)

    def print_summary(self, summary: LoadSummary) -> None:
        """Say what was done."""
        console = wide_console()
        if summary.consumed == 0:
            console.print("Nothing new: every record is landed.")
            return
        table = Table("topic", "usable", "sidelined")
        for column in table.columns[1:]:
            column.justify = "right"
        for topic, (usable, sidelined) in sorted(summary.by_topic.items()):
            table.add_row(topic, f"{usable:,}", f"{sidelined:,}")
        console.print(table)
        console.print(
            f"{summary.consumed:,} records landed in {summary.seconds:,.1f} s ({summary.per_second:,.0f}/s). "
            + ("`throughline sideline list` shows what was sidelined." if summary.sidelined else "")
        )


def print_audit(report: AuditReport) -> None:
    """The books of each partition, then what is wrong with them."""
    table = Table("partition", "generation", "consumed", "usable", "sidelined", "gaps", "Kafka ends at", "holds")
    for books in report.books:
        rows, gaps = books.rows, sum(entry.gaps for entry in books.covered)
        counts = [f"{count:,}" for count in (books.consumed, rows.usable, rows.sidelined, gaps)]
        end = f"{books.log.end:,}" if books.log else "(over)"
        table.add_row(
            str(books.partition), str(books.generation), *counts, end, "no" if any(findings(books)) else "yes"
        )
    console = wide_console()
    console.print(table)
    for finding in report.findings:
        console.print(f"[red]{finding}[/]", soft_wrap=True)
    if report.holds:
        console.print("Consumed = landed = usable + sidelined, for every partition: nothing missing, nothing twice.")


def print_topics(states: Sequence[TopicState]) -> None:
    """One line per topic."""
    table = Table("topic", "stream", "generation", "partitions", "end", "lag")
    for state in states:
        table.add_row(
            state.topic, state.stream, str(state.generation), str(state.partitions), f"{state.end:,}", f"{state.lag:,}"
        )
    wide_console().print(table)
