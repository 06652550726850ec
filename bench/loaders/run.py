"""Measures landing a backlog, all sides side by side on a stack of its own: ClickHouse's Kafka engine, the loader over
kafka-python and over confluent-kafka with everything switched on, and a bare insert of blocks that are ready.

    .venv/bin/python bench/loaders/run.py [--events 1000000] [--rounds 1] [--only matrix batches processes bad]

250 B and 1 kB events, lz4 and zstd; then batches of several sizes, one and two processes, and a topic with a bad record
in 100,000 beside a clean one. CPU is that of the reader and of ClickHouse, merges included. Prints tables, writes
`bench/loaders/results.json`, part by part, and draws `docs/loaders.svg`. The machine should do nothing else.
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
from local.stack.signals import unwind_on_sigterm

CLIENTS = get_args(KafkaClient)
BATCHES = (10_000, 30_000, 100_000, 300_000)
BAD_EVERY = 100_000
RESULTS, PLOT = PROJECT_DIR / "bench" / "loaders" / "results.json", PROJECT_DIR / "docs" / "loaders.svg"


def main() -> None:
    given, console = arguments(), Console(width=140)
    small = Backlog(given.events, 250, "lz4")
    with own_bench() as bench:
        fill(bench.settings, small)
        for part in given.only:
            results = PARTS[part](bench, small, given.rounds, console)
            report.keep(RESULTS, part, results, events=given.events)
    batches, processes, matrix = (report.kept(RESULTS, part) for part in ("batches", "processes", "matrix"))
    if batches and processes and matrix:
        report.plot(PLOT, batches, processes, engine=matrix[0])


def all_sides(bench: Bench, small: Backlog, rounds: int, console: Console) -> list[Result]:
    """Both sizes and codecs; of each side the round that took the least CPU: other work only ever adds."""
    results: list[Result] = []
    for size, codec in ((250, "lz4"), (250, "zstd"), (1000, "lz4"), (1000, "zstd")):
        backlog = Backlog(small.count, size, codec)
        if backlog != small:
            fill(bench.settings, backlog)
        measured = [side_by_side(bench, backlog) for _ in range(rounds)]
        results += [min(sides, key=lambda result: result.cpu) for sides in zip(*measured, strict=True)]
        report.matrix(console, results, small.count)
        report.keep(RESULTS, "matrix", results, events=small.count)
    return results


def batches(bench: Bench, small: Backlog, _: int, console: Console) -> list[Result]:
    results = [bench.loader(client, small, batch=batch) for client in CLIENTS for batch in BATCHES]
    report.sweep(console, results, f"{small.title}, one process")
    return results


def processes(bench: Bench, small: Backlog, _: int, console: Console) -> list[Result]:
    results = [bench.followers(client, small, number) for client in CLIENTS for number in (1, 2)]
    report.sweep(console, results, f"{small.title}, --follow, processes that share 4 partitions")
    return results


def bad_records(bench: Bench, small: Backlog, rounds: int, console: Console) -> list[Result]:
    """A clean topic and one with a bad record in 100,000, by turns."""
    bad = Backlog(small.count, small.size, small.codec, BAD_EVERY)
    fill(bench.settings, bad)
    results = [bench.loader(client, each) for client in CLIENTS for _ in range(rounds + 2) for each in (small, bad)]
    for client in CLIENTS:
        own = [result.cpu for result in results if result.side == client]
        clean, dirty = statistics.median(own[0::2]), statistics.median(own[1::2])
        console.print(
            f"{client}, one bad record in {BAD_EVERY:,}: {dirty:.2f} CPU-s/M against {clean:.2f},"
            f" {dirty / clean - 1:+.1%}"
        )
    return results


def side_by_side(bench: Bench, backlog: Backlog) -> list[Result]:
    return [bench.engine(backlog), *(bench.loader(client, backlog) for client in CLIENTS), bench.bare_insert(backlog)]


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
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    return parser.parse_args()


PARTS = {"matrix": all_sides, "batches": batches, "processes": processes, "bad": bad_records}


if __name__ == "__main__":
    unwind_on_sigterm()
    main()
