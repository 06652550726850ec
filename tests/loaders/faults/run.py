"""Runs many seeds and keeps what they came to: `make faults`, or

    .venv/bin/python -m tests.loaders.faults.run [first seed] [number of seeds] [--jobs 2]

Each result is a line of `.faults/results.jsonl`; seeds that stand there are not run again, so it can be stopped at any
time. Exits 1 if a seed of the range violated something. `docs/reliability.md` has the table of what was run.
"""

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from queue import Queue
from time import strftime
from typing import get_args

from loaders.settings import PROJECT_DIR, KafkaClient
from local.stack import Stack
from local.stack.service import Service
from local.stack.signals import unwind_on_sigterm
from tests.loaders.faults.trial import Result, run_seed

FOLDER = PROJECT_DIR / ".faults"
RESULTS = FOLDER / "results.jsonl"
SEEDS = 500
CLIENTS: tuple[KafkaClient, ...] = get_args(KafkaClient)


def read_results(file: Path = RESULTS) -> dict[int, Result]:
    """The kept results by seed."""
    lines = file.read_text().splitlines() if file.exists() else []
    results = [Result(**json.loads(line)) for line in lines]
    return {result.seed: result for result in results}


def main(first: int, count: int, jobs: int, clients: Sequence[KafkaClient]) -> int:
    """Run what was not run yet, so many at a time; the number of seeds in the range that did not hold."""
    FOLDER.mkdir(exist_ok=True)
    seeds = range(first, first + count)
    done = read_results()
    waiting = [seed for seed in seeds if seed not in done]
    with ExitStack() as entered, ThreadPoolExecutor(jobs) as threads:
        idle: Queue[Stack] = Queue()
        for _ in range(min(jobs, len(waiting))):
            idle.put(entered.enter_context(own_stack()))
        list(threads.map(lambda seed: run_and_keep(idle, seed, clients[seed % len(clients)]), waiting))
    results = {seed: result for seed, result in read_results().items() if seed in seeds}
    held = [seed for seed, result in results.items() if not result.violations]
    print(f"{len(held)} of {len(seeds)} seeds held, {len(seeds) - len(results)} could not be run")
    return len(seeds) - len(held)


@contextmanager
def own_stack() -> Iterator[Stack]:
    """Engines that nobody else uses, since they will be killed. Each run sees to it that they are up."""
    folder = Path(tempfile.mkdtemp(prefix="throughline-faults-", dir="/tmp"))
    stack = Stack(folder)
    try:
        yield stack
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def run_and_keep(idle: "Queue[Stack]", seed: int, client: KafkaClient) -> None:
    """Run a seed, print its line, and keep the loaders' logs where it violated something."""
    logs = FOLDER / f"seed-{seed}"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    stack = idle.get()
    try:
        stack.up()
        result = run_seed(stack, seed, logs, client=client)
    except Exception as error:
        # Of the run, not of what it tries: the seed is run again next time.
        print(f"{strftime('%H:%M:%S')} seed {seed}: could not be run: {error!r}", flush=True)
        return
    finally:
        idle.put(stack)
    with RESULTS.open("a") as file:
        file.write(json.dumps(asdict(result)) + "\n")
    verdict = "; ".join(result.violations) or "held"
    print(f"{strftime('%H:%M:%S')} seed {seed} ({client}): {', '.join(result.deeds)}: {verdict}", flush=True)
    if not result.violations:
        shutil.rmtree(logs)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description="Break loaders, engines and the wire by seed.")
    parser.add_argument("first", nargs="?", type=int, default=0, help="the first seed")
    parser.add_argument("count", nargs="?", type=int, default=SEEDS, help="how many seeds")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time, each on a stack of its own (1 GB)")
    parser.add_argument("--clients", nargs="+", choices=CLIENTS, default=CLIENTS, help="by turns (both)")
    return parser.parse_args()


if __name__ == "__main__":
    # A broker lives too short here for compiling well to pay.
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    # With several stacks on a few cores an engine takes its time, which is not what is tried here.
    Service.seconds_to_start = 300
    # It tells each attempt that failed, and here they fail on purpose.
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    unwind_on_sigterm()
    given = arguments()
    sys.exit(1 if main(given.first, given.count, given.jobs, given.clients) else 0)
