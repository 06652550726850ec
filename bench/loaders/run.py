"""Measures landing a backlog, all sides side by side on a stack of its own: ClickHouse's Kafka engine, the loader over
kafka-python and over confluent-kafka with everything switched on, and a bare insert of blocks that are ready.

    .venv/bin/python bench/loaders/run.py [--events 1000000] [--rounds 1] [--only matrix|batches|processes|bad …]

250 B and 1 kB events, lz4 and zstd; then batches of several sizes, one and two processes, and a topic with a bad record
in 100,000 beside a clean one. CPU is that of the reader and of ClickHouse, merges included. Prints tables, writes
`bench/loaders/results.json` and draws `docs/loaders.svg`. The machine should do nothing else.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import report
from rich.console import Console
from sides import Bench, Result
from topics import Backlog, fill

from loaders.settings import PROJECT_DIR, KafkaClient
from loaders.warehouse import ClickHouse
from local.stack import Stack

CLIENTS = get_args(KafkaClient)
PARTS = ("matrix", "batches", "processes", "bad")
BATCHES = (10_000, 30_000, 100_000, 300_000)
BAD_EVERY = 100_000
RESULTS, PLOT = PROJECT_DIR / "bench" / "loaders" / "results.json", PROJECT_DIR / "docs" / "loaders.svg"


def main() -> None:
    given, console = arguments(), Console(width=140)
    small = Backlog(given.events, 250, "lz4")
    with own_bench() as bench:
        results: dict[str, list[Result]] = {part: [] for part in PARTS}
        backlogs = [
            small,
            *(Backlog(given.events, size, codec) for size, codec in ((250, "zstd"), (1000, "lz4"), (1000, "zstd"))),
        ]
        if "matrix" in given.only:
            for backlog in backlogs:
                made(bench, backlog, console)
                results["matrix"] += best_of(given.rounds, lambda at=backlog: side_by_side(bench, at))
                report.matrix(console, results["matrix"], given.events)
        else:
            made(bench, small, console)
            results["matrix"] = [bench.engine(small)]
        if "batches" in given.only:
            results["batches"] = [bench.loader(client, small, batch=batch) for client in CLIENTS for batch in BATCHES]
            report.sweep(console, results["batches"], f"{small.title}, one process")
        if "processes" in given.only:
            results["processes"] = [bench.followers(client, small, number) for client in CLIENTS for number in (1, 2)]
            report.sweep(console, results["processes"], f"{small.title}, --follow, processes that share 4 partitions")
        if "bad" in given.only:
            bad = Backlog(given.events, 250, "lz4", BAD_EVERY)
            made(bench, bad, console)
            results["bad"] = [bench.loader("kafka-python", each) for _ in range(3) for each in (small, bad)]
            clean, dirty = (statistics.median(each.cpu for each in results["bad"][start::2]) for start in (0, 1))
            console.print(
                f"one bad record in {BAD_EVERY:,}: {dirty:.2f} CPU-s/M against {clean:.2f}, {dirty / clean - 1:+.1%}"
            )
    flat = [result for part in PARTS for result in results[part]]
    report.keep(RESULTS, flat, events=given.events)
    if results["batches"] and results["processes"]:
        report.plot(PLOT, results["batches"], results["processes"], results["matrix"][0])


def side_by_side(bench: Bench, backlog: Backlog) -> list[Result]:
    return [bench.engine(backlog), *(bench.loader(client, backlog) for client in CLIENTS), bench.bare_insert(backlog)]


def best_of(rounds: int, measure) -> list[Result]:  # type: ignore[no-untyped-def]
    """Of each side the round that took the least CPU: other work on the machine only ever adds."""
    measured = [measure() for _ in range(rounds)]
    return [min(sides, key=lambda result: result.cpu) for sides in zip(*measured, strict=True)]


def made(bench: Bench, backlog: Backlog, console: Console) -> None:
    console.print(f"producing {backlog.count:,} events, {backlog.title} …")
    fill(bench.settings, backlog)


@contextmanager
def own_bench() -> Iterator[Bench]:
    folder = Path(tempfile.mkdtemp(prefix="throughline-bench-", dir="/tmp"))
    stack = Stack(folder)
    try:
        settings = stack.up()
        server = stack.service("clickhouse").process()
        assert server is not None
        yield Bench(settings, ClickHouse(settings), server)
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Landing a backlog, all sides side by side.")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1, help="of the matrix; the one of the least CPU counts")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
