"""Runs many seeds and keeps what they came to: `make faults`, or

    .venv/bin/python -m tests.loaders.faults.run [first seed] [number of seeds]

Each result is a line of `.faults/results.jsonl`; seeds that stand there are not run again, so it can be stopped at any
time. Exits 1 if a seed of the range violated something. `docs/reliability.md` has the table of what was run.
"""

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import strftime

from loaders.settings import PROJECT_DIR
from local.stack import Stack
from tests.loaders.faults.trial import Result, run_seed

FOLDER = PROJECT_DIR / ".faults"
RESULTS = FOLDER / "results.jsonl"
SEEDS = 500


def read_results(file: Path = RESULTS) -> dict[int, Result]:
    """The kept results by seed."""
    lines = file.read_text().splitlines() if file.exists() else []
    results = [Result(**json.loads(line)) for line in lines]
    return {result.seed: result for result in results}


def main(first: int = 0, count: int = SEEDS) -> int:
    """Run what was not run yet; the number of seeds in the range that violated something."""
    FOLDER.mkdir(exist_ok=True)
    seeds = range(first, first + count)
    waiting = [seed for seed in seeds if seed not in read_results()]
    if waiting:
        with running_stack() as stack:
            for seed in waiting:
                run_and_keep(stack, seed)
    wrong = [result for seed, result in read_results().items() if seed in seeds and result.violations]
    print(f"{len(seeds) - len(wrong)} of {len(seeds)} seeds held")
    return len(wrong)


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Engines that nobody else uses, since they will be killed."""
    folder = Path(tempfile.mkdtemp(prefix="throughline-faults-", dir="/tmp"))
    stack = Stack(folder)
    try:
        stack.up()
        yield stack
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def run_and_keep(stack: Stack, seed: int) -> None:
    """Run a seed, print its line, and keep the loaders' logs where it violated something."""
    logs = FOLDER / f"seed-{seed}"
    logs.mkdir(exist_ok=True)
    result = run_seed(stack, seed, logs)
    with RESULTS.open("a") as file:
        file.write(json.dumps(asdict(result)) + "\n")
    verdict = "; ".join(result.violations) or "held"
    print(f"{strftime('%H:%M:%S')} seed {seed}: {', '.join(result.deeds)}: {verdict}", flush=True)
    if not result.violations:
        shutil.rmtree(logs)


if __name__ == "__main__":
    # So that engines and loaders are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(1 if main(*map(int, sys.argv[1:3])) else 0)
