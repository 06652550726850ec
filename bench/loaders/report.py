"""What the benchmark prints, keeps and draws."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sides import ENGINE, Result

from bench.support.charts import panels, save


def matrix(console: Console, results: Sequence[Result], count: int) -> None:
    """Each side of each backlog, and its CPU as a ratio to the engine's on the same backlog."""
    title = f"{count:,} events each, {os.cpu_count()} CPUs, load {os.getloadavg()[1]:.0f}"
    table = Table(title=title)
    for column in (
        "backlog",
        "side",
        "events/s",
        "reader CPU-s/M",
        "ClickHouse",
        "sum",
        "to the engine",
        "peak",
        "parts/s",
    ):
        table.add_column(column, justify="left" if column in ("backlog", "side") else "right")
    for result in results:
        engine = next(each for each in results if each.side == ENGINE and each.backlog == result.backlog)
        table.add_row(
            result.backlog, result.side, f"{result.per_second:,.0f}", f"{result.reader_cpu:.1f}",
            f"{result.clickhouse_cpu:.1f}", f"{result.cpu:.1f}", f"{result.cpu / engine.cpu:.2f}",
            f"{result.peak_bytes / 1e6:.0f} MB" if result.peak_bytes else "", f"{result.inserts / result.seconds:.1f}",
            end_section=result.side != ENGINE and result is results[-1],
        )  # fmt: skip
    console.print(table)


def sweep(console: Console, results: Iterable[Result], title: str) -> None:
    table = Table(title=title)
    for column in ("client", "processes", "rows of a batch", "events/s", "CPU-s/M", "peak", "parts/s"):
        table.add_column(column, justify="left" if column == "client" else "right")
    for result in results:
        table.add_row(
            result.side, str(result.processes), f"{result.batch:,}", f"{result.per_second:,.0f}", f"{result.cpu:.1f}",
            f"{result.peak_bytes / 1e6:.0f} MB", f"{result.inserts / result.seconds:.1f}",
        )  # fmt: skip
    console.print(table)


def keep(file: Path, part: str, results: Iterable[Result], *, events: int) -> None:
    """Write the figures of a part as JSON, beside those of other parts that stand there."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    rows = [asdict(result) for result in results]
    kept[part] = {"events": events, "load": round(os.getloadavg()[1], 1), "results": rows}
    file.write_text(json.dumps(kept, indent=1) + "\n")


def kept(file: Path, part: str) -> list[Result]:
    """The figures of a part as they were measured last."""
    parts = json.loads(file.read_text()) if file.exists() else {}
    return [Result(**row) for row in parts.get(part, {}).get("results", [])]


def plot(file: Path, by_batch: Sequence[Result], by_processes: Sequence[Result], engine: Result) -> None:
    """Events/s against the size of a batch and against processes, one line per client."""
    figure, (left, right) = panels(2, 9, 3.6, sharey=True)
    for client in sorted({result.side for result in by_batch}):
        points = [(result.batch, result.per_second) for result in by_batch if result.side == client]
        left.plot(*zip(*points, strict=True), marker="o", label=client)
        points = [(result.processes, result.per_second) for result in by_processes if result.side == client]
        right.plot(*zip(*points, strict=True), marker="o", label=client)
    left.set(xscale="log", xlabel="rows of a batch (one process)", ylabel="events/s")
    right.set(xlabel="processes", xticks=sorted({result.processes for result in by_processes}))
    for axes in (left, right):
        axes.axhline(engine.per_second, color="grey", linestyle="--", label="Kafka engine")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    right.legend()
    figure.suptitle(f"Landing a backlog, {engine.backlog}")
    save(figure, file)
