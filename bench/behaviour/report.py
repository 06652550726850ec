"""What the benchmark prints, keeps and draws."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from answers import OF_A_SAMPLE
from measure import Result
from questions import Question
from rich.console import Console
from rich.table import Table

from bench.support.charts import panels, save

# What is drawn beside each other: the macro, the generic SQL, other engines.
GROUPS = {
    "funnel": ("funnel", "windowFunnel by hand", "funnel by self-join", "funnel in DuckDB", "funnel in Polars"),
    "retention": ("retention, weekly", "retention by self-join", "retention in DuckDB", "retention in Polars"),
    "active users": (
        "active users from events", "active users from days", "active_users in DuckDB", "active_users in Polars",
    ),
}  # fmt: skip


def show(
    console: Console,
    asked: Mapping[str, Question],
    results: Mapping[str, Result],
    reads: Mapping[str, float],
    peers: Mapping[str, str],
) -> None:
    title = f"{os.cpu_count()} CPUs, load {os.getloadavg()[1]:.1f}"
    table = Table("question", "M events", "seconds", "CPU-s", "M events/s/core", "peak MB", "to peer", "peer", "aim",
                  title=title)  # fmt: skip
    for name, one in results.items():
        peer = results.get(peers.get(name, ""))
        aim = asked[name].aim if name in asked else None
        if one.failure:
            table.add_row(name, f"{one.events / 1e6:.1f}", one.failure)
            continue
        ratio = f"{one.cpu_per_million / peer.cpu_per_million:.2f}" if peer and peer.cpu_seconds else ""
        table.add_row(
            name, f"{one.events / 1e6:.1f}", f"{one.seconds:.2f}", f"{one.cpu_seconds:.2f}",
            f"{one.events / one.cpu_seconds / 1e6:.1f}", f"{one.peak_mb:,.0f}", ratio, peers.get(name, ""),
            f"{aim:.0f} s" if aim else "",
        )  # fmt: skip
    console.print(table)
    for mart, milliseconds in reads.items():
        console.print(f"reading {mart}: p95 {milliseconds:.1f} ms")


def keep(file: Path, events: int, results: Mapping[str, Result], reads: Mapping[str, float]) -> None:
    rows = [
        {key: value for key, value in asdict(one).items() if key not in ("columns", "answer")}
        for one in results.values()
    ]
    figures = {"events": events, "load": round(os.getloadavg()[1], 1), "results": rows, "p95_ms_of_reading": reads}
    file.write_text(json.dumps(figures, indent=1) + "\n")


def plot(file: Path, results: Mapping[str, Result]) -> None:
    """CPU-seconds per million events of each side, question by question; what was refused has no bar."""
    figure, groups = panels(len(GROUPS), 12, 2.8)
    for panel, (title, names) in zip(groups, GROUPS.items(), strict=True):
        shown = [results[each] for name in names for each in (name, name + OF_A_SAMPLE) if each in results]
        bars = panel.barh(
            [one.name for one in shown],
            [0 if one.failure else one.cpu_per_million for one in shown],
            color=["tab:blue" if place == 0 else "tab:gray" for place in range(len(shown))],
        )
        labels = ["refused" if one.failure else f"{one.cpu_per_million:.2f}" for one in shown]
        panel.bar_label(bars, labels=labels, padding=3, fontsize=8)
        panel.set_title(f"{title}, CPU-s per million events", fontsize=8)
        panel.tick_params(labelsize=8)
        panel.invert_yaxis()
        panel.margins(x=0.25)
    save(figure, file)
