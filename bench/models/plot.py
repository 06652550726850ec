"""Draws what a full refresh and a batch of 1 % cost against the size of history, of the runs that are kept.

    .venv/bin/python -m bench.models.plot

Reads the lines of `.bench/models.jsonl`, the last one of each size, and writes `docs/models.svg`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from rich.console import Console

from bench.models.run import facts_cpu
from bench.support.charts import panels, save
from bench.support.cost import Cost
from bench.support.warehouse import RESULTS
from loaders.settings import PROJECT_DIR

PLOT = PROJECT_DIR / "docs" / "models.svg"
AIMS = {"facts": 5, "all models": 15}


@dataclass(frozen=True)
class Size:
    """ClickHouse's CPU-seconds for all events, and for the last batch of 1 %: of the facts, and of all models."""

    events: int
    full: Mapping[str, float]
    batch: Mapping[str, float]

    def per_million(self, name: str) -> float:
        return self.full[name] / self.events * 1e6

    def percent(self, name: str) -> float:
        return 100 * self.batch[name] / self.full[name]


def main() -> None:
    found = sorted(sizes(), key=lambda size: size.events)
    draw(found)
    for size in found:
        shares = ", ".join(f"{name} {size.percent(name):.1f} %" for name in AIMS)
        Console().print(f"{size.events:,} events: {shares}")


def sizes() -> Iterator[Size]:
    """The last run of each size that was kept, in millions of events."""
    last = {}
    for line in (RESULTS / "models.jsonl").read_text().splitlines():
        run = json.loads(line)
        if run["batches"]:
            last[round(run["events"] / 1e6)] = run
    for run in last.values():
        yield Size(run["events"], costs(Cost(**run["full"])), costs(Cost(**run["batches"][-1])))


def costs(cost: Cost) -> dict[str, float]:
    return {"facts": facts_cpu(cost), "all models": cost.queries_cpu}


def draw(found: list[Size]) -> None:
    figure, (whole, batch) = panels(2, 12, 3)
    for name, aim in AIMS.items():
        lines(whole, found, [size.per_million(name) for size in found], name)
        lines(batch, found, [size.percent(name) for size in found], name)
        batch.axhline(aim, color="tab:gray", linestyle=":", linewidth=1)
        batch.annotate(f"aim, {name}", (found[0].events, aim), fontsize=7, va="bottom")
    for panel in (whole, batch):
        panel.margins(x=0.08, y=0.15)
        panel.set_ylim(bottom=0)
    whole.set_title("full refresh, CPU-seconds per million events", fontsize=8)
    batch.set_title("1 % more, percent of the full refresh's CPU-seconds", fontsize=8)
    save(figure, PLOT)


def lines(panel: Axes, found: list[Size], values: list[float], name: str) -> None:
    panel.plot([size.events for size in found], values, marker="o", label=name)
    for size, value in zip(found, values, strict=True):
        panel.annotate(f"{value:.1f}", (size.events, value), textcoords="offset points", xytext=(0, 5), fontsize=7)
    panel.set_xscale("log")
    panel.set_xlabel("events in history", fontsize=8)
    panel.tick_params(labelsize=8)
    panel.legend(fontsize=7)


if __name__ == "__main__":
    main()
