"""Runs that are killed, each at another statement, and started again, while somebody reads: `make kills`, or

    .venv/bin/python -m tests.invariants.kills [seed] [number of kills] [run or clickhouse]

A seed's world lands in as many batches as there are kills, and one more. In each batch after the first the run gets
SIGKILL at a statement of its own, spread evenly over the run, some of them in its midst. Then it is started again. Or
ClickHouse gets it, under the run, and is up again at once, as a supervisor would see to.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Literal

from local.stack import Stack
from local.stack.process import lives
from local.stack.signals import unwind_on_sigterm
from tests.invariants.reader import Reader, mixed, torn
from tests.invariants.run import running_warehouse
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.world import make_world
from tests.support.builder import Built
from tests.support.waiting import eventually

KEPT = "kept_of_kills"


@dataclass
class Killed:
    """What became of the runs that were killed. `mixed` counts reads that saw models of two runs."""

    seed: int
    killed_at: list[int] = field(default_factory=list)
    statements: int = 0
    reads: int = 0
    mixed: int = 0
    violations: list[str] = field(default_factory=list)


# Breaks the run at a statement, or so many seconds after it, and builds again.
Break = Callable[[Warehouse, Killed, int, float], Built]


def kill_runs(warehouse: Warehouse, seed: int, kills: int) -> Killed:
    """Land and build batch for batch, killing each run once; then compare all with a full refresh."""
    return _break_runs(warehouse, seed, kills, _kill_run)


def kill_clickhouse(warehouse: Warehouse, stack: Stack, seed: int, kills: int) -> Killed:
    """The same, killing under each run the ClickHouse of the stack, which is where the warehouse lives."""
    return _break_runs(warehouse, seed, kills, partial(_kill_clickhouse, stack))


def _break_runs(warehouse: Warehouse, seed: int, kills: int, break_run: Break) -> Killed:
    chance = random.Random(f"kills of {seed}")
    first, *batches = make_world(seed).batches(kills + 1)
    warehouse.reset()
    warehouse.raw.land(first)
    warehouse.builder.build()
    # What an incremental run takes, which the first one is not.
    outcome = Killed(seed, statements=warehouse.builder.build().statements)
    for place, batch in enumerate(batches):
        warehouse.raw.land(batch)
        share = (place + chance.random()) / kills
        at = max(1, round(share * outcome.statements))
        # Near its end a run may be over by then.
        after = chance.choice([0, 0.02, 0.2]) if share < 0.75 else 0
        outcome.statements = break_run(warehouse, outcome, at, after).statements
    kept = f"{KEPT}{warehouse.settings.throughline_schema_suffix}"
    warehouse.keep(kept)
    warehouse.builder.build("--full-refresh")
    outcome.violations += [f"full refresh: {line}" for line in warehouse.differences(kept)]
    warehouse.client.command(f"DROP DATABASE {kept} SYNC")
    return outcome


def _kill_run(warehouse: Warehouse, outcome: Killed, at: int, after: float) -> Built:
    before = warehouse.fingerprints()
    with Reader(warehouse, warehouse.relations()) as reader:
        killed = warehouse.builder.build(kill_at=at, kill_after=after)
        built = warehouse.builder.build()
    now = warehouse.fingerprints()
    outcome.killed_at += [at] if killed.is_killed else []
    outcome.reads += len(reader.reads)
    outcome.mixed += mixed(reader.reads, before, now)
    outcome.violations += [f"killed at {at}: a read failed: {line}" for line in reader.failures]
    outcome.violations += [f"killed at {at}: {line}" for line in torn(reader.reads, before, now)]
    return built


def _kill_clickhouse(stack: Stack, warehouse: Warehouse, outcome: Killed, at: int, after: float) -> Built:
    before = warehouse.fingerprints()
    engine = stack.service("clickhouse").process()
    assert engine is not None
    with ThreadPoolExecutor() as threads:
        broken = threads.submit(warehouse.builder.build, kill_at=at, kill_after=after, victim=engine.pid)
        # A run may fail a moment before the last thread of the engine has gone.
        eventually(
            lambda: not lives(engine) or (broken.done() and broken.exception() is None),
            "the end of ClickHouse or of the run",
            seconds=300,
        )
        stack.up(kafka=False)
        # It may have committed before.
        with suppress(AssertionError):
            broken.result()
    is_killed = not lives(engine)
    left = warehouse.fingerprints()
    built = warehouse.builder.build()
    now = warehouse.fingerprints()
    outcome.killed_at += [at] if is_killed else []
    outcome.reads += 1
    outcome.mixed += mixed([left], before, now)
    outcome.violations += [f"killed at {at}: {line}" for line in torn([left], before, now)]
    return built


def main(seed: int = 0, kills: int = 40, victim: Literal["run", "clickhouse"] = "run") -> int:
    with running_warehouse() as (warehouse, stack):
        if victim == "run":
            outcome = kill_runs(warehouse, seed, kills)
        else:
            outcome = kill_clickhouse(warehouse, stack, seed, kills)
    print(json.dumps(asdict(outcome), indent=1))
    return len(outcome.violations)


if __name__ == "__main__":
    unwind_on_sigterm()
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("kills", type=int, nargs="?", default=40)
    parser.add_argument("victim", choices=["run", "clickhouse"], nargs="?", default="run")
    asked = parser.parse_args()
    sys.exit(1 if main(asked.seed, asked.kills, asked.victim) else 0)
