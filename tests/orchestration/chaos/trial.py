"""One trial: messages come, jobs run, processes are killed; then the end state is held against a clean run."""

import contextlib
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import dagster as dg

from loaders.run import load_until_caught_up
from loaders.settings import Settings
from local.stack import Stack
from tests.orchestration.chaos import books, victims
from tests.orchestration.chaos.messages import messages
from tests.orchestration.chaos.operator import Operator, instance_of
from tests.support.clickhouse import ADMIN_PASSWORDS, connect
from tests.support.dbt import run_dbt
from tests.support.deployment import TWO_DAEMONS, Deployment, deployed
from tests.support.topics import create, produce

STUCK_SECONDS = 300
STREAMS = ("events", "identities", "people")


@dataclass(frozen=True)
class Result:
    """What became of one trial. `slowest_slot`: the longest from a kill to the end of a run that died of it."""

    seed: int
    engine: str
    kills: dict[str, int]
    runs: dict[str, int]
    slowest_slot: float
    rows: int
    seconds: float
    violations: list[str] = field(default_factory=list)


class Ground:
    """Engines, topics, a deployment, and two warehouses fed by the same topics: one of the kills, one without."""

    def __init__(self, stack: Stack, deployment: Deployment, killed: Settings, clean: Settings) -> None:
        self.stack, self.deployment, self.killed, self.clean = stack, deployment, killed, clean


@contextlib.contextmanager
def ground(folder: Path, units: Mapping[str, str] = TWO_DAEMONS) -> Iterator[Ground]:
    stack = Stack(folder / "stack")
    try:
        settings = stack.up()
        ADMIN_PASSWORDS[settings.clickhouse_url] = stack.admin_password()
        killed, clean = (
            settings.model_copy(update={"throughline_schema_suffix": suffix}) for suffix in ("_killed", "_clean")
        )
        for stream in STREAMS:
            create(killed, stream, partitions=2)
        # A short patience, so that many kills fit into an hour.
        with deployed(folder / "deployment", killed, units, THROUGHLINE_LOCK_SECONDS="15") as deployment:
            yield Ground(stack, deployment, killed, clean)
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def run_trial(
    ground: Ground, seed: int, kills: int, *, engine: str, count: int = 300, selector: str = "nightly"
) -> Result:
    """Kill `kills` times while `count` events come in, then look at what is left of the models of the selector."""
    random, began = Random(seed), time.monotonic()
    with instance_of(ground.deployment) as instance:
        operator = Operator(ground.deployment, instance, random, selector=selector)
        first = time.time()
        feeder = threading.Thread(target=_feed, args=(ground.killed, seed, count), daemon=True)
        feeder.start()
        operator.turn_on("load_schedule", "models_minute_schedule")
        operator.start()
        done, seen = _kill(ground, operator, random, kills)
        operator.stop()
        operator.turn_off("load_schedule", "models_minute_schedule")
        feeder.join()
        stuck = operator.settle(seconds=STUCK_SECONDS)
        violations = [f"run {run_id} holds its slot for more than {STUCK_SECONDS} s" for run_id in stuck]
        for job in ("load", f"models_{selector}"):
            if not operator.succeed(job, seconds=2 * STUCK_SECONDS):
                violations.append(f"{job} does not succeed any more, with nothing broken")
        runs = _runs_since(instance, first)
        # A run that succeeded was alive and held its slot rightly, however long it took.
        broken = [record for record in runs if record.dagster_run.status != dg.DagsterRunStatus.SUCCESS]
        slowest = max(
            (_end(record) - seen.get(record.dagster_run.run_id, _end(record)) for record in broken), default=0
        )
    violations += [f"a slot was held for {slowest:.0f} s after a kill"] if slowest > STUCK_SECONDS else []
    found, rows = _judge(ground, selector)
    outcomes = Counter(record.dagster_run.status.value.lower() for record in runs)
    return Result(
        seed, engine, done, dict(outcomes), slowest, rows, time.monotonic() - began, violations + found
    )  # fmt: skip


def _kill(ground: Ground, operator: Operator, random: Random, kills: int) -> tuple[dict[str, int], dict[str, float]]:
    """How often each kind was killed, and when each run that was going on saw its first kill."""
    done: Counter[str] = Counter()
    seen: dict[str, float] = {}
    schedule = victims.draw(random, kills)
    while schedule:
        operator.wait_for_work(seconds=STUCK_SECONDS)
        time.sleep(random.uniform(0, 8))
        for record in operator.unfinished():
            if record.dagster_run.status != dg.DagsterRunStatus.QUEUED:
                seen.setdefault(record.dagster_run.run_id, time.time())
        kind = schedule.pop()
        if victims.kill(kind, ground.deployment, ground.stack, patience_seconds=60):
            done[kind] += 1
        else:
            schedule.insert(0, kind)
    return dict(done), seen


def _feed(settings: Settings, seed: int, count: int) -> None:
    """In small portions, so that loads and models always find something."""
    sent = list(messages(seed, count=count))
    for start in range(0, len(sent), 20):
        for stream in STREAMS:
            values = [value for name, value in sent[start : start + 20] if name == stream]
            produce(settings, stream, values, partition=(start // 20) % 2)
        time.sleep(3)


def _judge(ground: Ground, selector: str) -> tuple[list[str], int]:
    load_until_caught_up(ground.clean)
    target = ground.deployment.folder / "clean"
    whole = ("--full-refresh", "--selector", selector, "--exclude-resource-type", "test", "unit_test")
    run_dbt(ground.clean, "build", *whole, target=target)
    artifacts = target / "target"
    with connect(ground.killed, "admin") as client:
        found = [
            *books.differences(client, ground.killed, ground.clean, artifacts),
            *books.overlaps(client, ground.killed),
            *books.lost_or_doubled(ground.killed),
        ]
        return found, books.rows_compared(client, ground.clean, artifacts)


def _runs_since(instance: dg.DagsterInstance, first: float) -> list[dg.RunRecord]:
    records = instance.get_run_records(limit=1000)
    return [record for record in records if record.create_timestamp.timestamp() >= first - 1]


def _end(record: dg.RunRecord) -> float:
    return record.end_time or time.time()
