"""Runs that are killed, each at another statement, and started again, while somebody reads: `make kills`, or

    .venv/bin/python -m tests.invariants.kills [seed] [number of kills]

A seed's world lands in as many batches as there are kills, and one more. In each batch after the first the run gets
SIGKILL at a statement of its own, spread evenly over the run, some of them in its midst. Then it is started again.
"""

import json
import random
import sys
from dataclasses import asdict, dataclass, field

from tests.invariants.reader import Reader, mixed, torn
from tests.invariants.run import running_warehouse
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.world import make_world
from tests.support.builder import Built

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


def kill_runs(warehouse: Warehouse, seed: int, kills: int) -> Killed:
    """Land and build batch for batch, killing each run once; then compare all with a full refresh."""
    chance = random.Random(f"kills of {seed}")
    first, *batches = make_world(seed).batches(kills + 1)
    warehouse.reset()
    warehouse.raw.land(first)
    warehouse.builder.build()
    # What an incremental run takes, which the first one is not.
    outcome = Killed(seed, statements=warehouse.builder.build().statements)
    for place, batch in enumerate(batches):
        warehouse.raw.land(batch)
        at = max(1, round((place + chance.random()) / kills * outcome.statements))
        built = _killed_and_built(warehouse, outcome, at, after=chance.choice([0, 0.02, 0.2]))
        outcome.statements = built.statements
    kept = f"{KEPT}{warehouse.settings.throughline_schema_suffix}"
    warehouse.keep(kept)
    warehouse.builder.build("--full-refresh")
    outcome.violations += [f"full refresh: {line}" for line in warehouse.differences(kept)]
    warehouse.client.command(f"DROP DATABASE {kept} SYNC")
    return outcome


def _killed_and_built(warehouse: Warehouse, outcome: Killed, at: int, *, after: float) -> Built:
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


def main(seed: int = 0, kills: int = 40) -> int:
    with running_warehouse() as warehouse:
        outcome = kill_runs(warehouse, seed, kills)
    print(json.dumps(asdict(outcome), indent=1))
    return len(outcome.violations)


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:3])) else 0)
