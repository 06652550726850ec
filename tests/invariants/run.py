"""Runs many seeds and keeps what they came to: `make invariants`, or

    .venv/bin/python -m tests.invariants.run [first seed] [number of seeds] [batches]

Each result is a line of `.invariants/results.jsonl`; seeds that stand there are not run again, so it can be stopped at
any time. Exits 1 if a seed of the range violated something. `docs/invariants.md` has the table of what was run.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import strftime

from loaders.settings import PROJECT_DIR
from local.stack import Stack
from local.stack.signals import unwind_on_sigterm
from tests.invariants.trial import VARIABLES, Result, run_seed
from tests.invariants.warehouse import Warehouse, open_warehouse
from tests.support.clickhouse import ADMIN_PASSWORDS

FOLDER = PROJECT_DIR / ".invariants"
RESULTS = FOLDER / "results.jsonl"
SEEDS, BATCHES = 50, 10


def read_results(file: Path = RESULTS) -> dict[int, Result]:
    """The kept results by seed."""
    lines = file.read_text().splitlines() if file.exists() else []
    results = [Result(**json.loads(line)) for line in lines]
    return {result.seed: result for result in results}


def main(first: int = 0, count: int = SEEDS, batches: int = BATCHES) -> int:
    """Run what was not run yet; the number of seeds in the range that violated something."""
    FOLDER.mkdir(exist_ok=True)
    seeds = range(first, first + count)
    waiting = [seed for seed in seeds if seed not in read_results()]
    if waiting:
        with running_warehouse() as (warehouse, _):
            for seed in waiting:
                run_and_keep(warehouse, seed, batches)
    wrong = [result for seed, result in read_results().items() if seed in seeds and result.violations]
    print(f"{len(seeds) - len(wrong)} of {len(seeds)} seeds held")
    return len(wrong)


@contextmanager
def running_warehouse() -> Iterator[tuple[Warehouse, Stack]]:
    """An engine of its own, without Kafka: the loaders have tests of their own."""
    folder = Path(tempfile.mkdtemp(prefix="throughline-invariants-", dir="/tmp"))
    stack = Stack(folder)
    try:
        settings = stack.up(kafka=False)
        ADMIN_PASSWORDS[settings.clickhouse_url] = stack.admin_password()
        with open_warehouse(settings, folder, VARIABLES) as warehouse:
            yield warehouse, stack
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def run_and_keep(warehouse: Warehouse, seed: int, batches: int) -> None:
    result = run_seed(warehouse, seed, batches=batches)
    with RESULTS.open("a") as file:
        file.write(json.dumps(asdict(result)) + "\n")
    verdict = "\n  ".join(result.violations) or "held"
    print(f"{strftime('%H:%M:%S')} seed {seed}: {sum(result.batch_seconds):.0f} s of batches: {verdict}", flush=True)


if __name__ == "__main__":
    unwind_on_sigterm()
    sys.exit(1 if main(*map(int, sys.argv[1:4])) else 0)
