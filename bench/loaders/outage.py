"""ClickHouse away for an hour while events go on coming: what the loader's memory does, and what it does afterwards.

    .venv/bin/python bench/loaders/outage.py [minutes away] [events/s] [minutes before and after]

A follower of 8 partitions on a stack of its own. Prints how much memory it had at most in each phase, how long after
ClickHouse's return it landed again and had caught up, and what the audit says. Exits 1 where that is not what
`docs/reliability.md` promises.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep, time

import psutil
from kafka import KafkaProducer
from rich.console import Console
from rich.table import Table

from bench.loaders.topics import create, event
from bench.support.pace import numbers_due
from loaders.audit import audit
from loaders.errors import ThroughlineError
from loaders.kafka_config import connection
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from local.stack.signals import unwind_on_sigterm

TOPIC, PARTITIONS, SIZE = "outage", 8, 250
MOST_BYTES, SECONDS_TO_LAND_AGAIN = 400_000_000, 5.0
LOADER = [str(Path(sys.executable).parent / "throughline"), "load", "--follow"]


@dataclass
class Flow:
    """Produces so many events a second until it is stopped; `sent` counts those that the broker confirmed."""

    settings: Settings
    per_second: int
    sent: int = 0
    failed: int = 0
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join(timeout=60)

    def _run(self) -> None:
        producer = KafkaProducer(
            **connection(self.settings), acks="all", compression_type="lz4", linger_ms=20, enable_idempotence=True
        )
        for numbers in numbers_due(self.per_second, self._stop, look_seconds=0.05):
            for number in numbers:
                future = producer.send(TOPIC, value=event(number, SIZE), partition=number % PARTITIONS)
                future.add_callback(self._confirmed).add_errback(self._refused)
        producer.close(timeout=30)

    def _confirmed(self, _: object) -> None:
        self.sent += 1

    def _refused(self, _: object) -> None:
        self.failed += 1


@dataclass
class Memory:
    """Resident memory of a process, sampled; `peaks` has the most of each phase, in bytes."""

    process: psutil.Process
    seconds: float
    phase: str = "before"
    peaks: dict[str, int] = field(default_factory=dict)
    samples: list[tuple[float, int]] = field(default_factory=list)
    _begun: float = field(default_factory=monotonic)

    def start(self) -> None:
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(psutil.NoSuchProcess):
            while True:
                now = self.process.memory_info().rss
                self.samples.append((round(monotonic() - self._begun, 1), now))
                self.peaks[self.phase] = max(now, self.peaks.get(self.phase, 0))
                sleep(self.seconds)


@dataclass(frozen=True)
class Result:
    """One outage."""

    minutes: float
    per_second: int
    produced: int
    landed: int
    peaks: dict[str, int]
    waiting_at_return: int
    landed_again_after: float
    caught_up_after: float
    loader_ended_with: int
    findings: tuple[str, ...]
    samples: list[tuple[float, int]]

    def complaints(self) -> Iterator[str]:
        """What is not as promised."""
        if max(self.peaks.values()) > MOST_BYTES:
            yield f"the loader had {max(self.peaks.values()) / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}"
        if self.landed != self.produced:
            yield f"{self.produced:,} events were produced, {self.landed:,} landed"
        if self.landed_again_after > SECONDS_TO_LAND_AGAIN:
            yield f"it landed again {self.landed_again_after:.1f} s after ClickHouse's return"
        if self.loader_ended_with:
            yield f"the loader ended with {self.loader_ended_with}"
        yield from self.findings


def measure(stack: Stack, *, minutes: float, per_second: int, around: float, log: Path) -> Result:
    """Run one outage, on a stack whose ClickHouse nobody else needs meanwhile."""
    own = {"throughline_topics_events": TOPIC, "throughline_schema_suffix": "_outage"}
    settings = stack.up().model_copy(update=own)
    create(settings, TOPIC, partitions=PARTITIONS)
    warehouse, flow = ClickHouse(settings), Flow(settings, per_second)
    with log.open("ab") as output:
        loader = subprocess.Popen(LOADER, env={**os.environ, **settings.as_environment()}, stdout=output, stderr=output)
    try:
        memory = Memory(psutil.Process(loader.pid), seconds=min(10.0, minutes * 2))
        memory.start()
        flow.start()
        wait_for(warehouse, lambda landed: landed > 0, seconds=60)
        sleep(around * 60)
        memory.phase = "away"
        before = landed(warehouse)
        stack.kill("clickhouse")
        sleep(minutes * 60)
        memory.phase, killed = "after", time() - minutes * 60
        waiting = flow.sent - before
        stack.up()
        returned, clock = monotonic(), time()
        landed_again = max(0.0, first_landing(warehouse, since=killed) - clock)
        wait_for(warehouse, lambda landed: landed >= flow.sent - 2 * per_second, seconds=1800)
        caught_up = monotonic() - returned
        sleep(around * 60)
        flow.stop()
        wait_for(warehouse, lambda landed: landed >= flow.sent, seconds=120)
        loader.terminate()
        code = loader.wait(timeout=60)
        return Result(
            minutes, per_second, flow.sent, landed(warehouse), memory.peaks, waiting, round(landed_again, 1),
            round(caught_up, 1), code, audit(settings).findings, memory.samples,
        )  # fmt: skip
    finally:
        loader.kill()
        warehouse.close()


def first_landing(warehouse: ClickHouse, *, since: float) -> float:
    """When an insert of rows began that came after that moment; waits for it. (The clock is this machine's.)"""
    while True:
        [[found]] = warehouse.rows(
            f"select minOrNull(toUnixTimestamp64Milli(loaded_at)) from {warehouse.database}.events"
            f" where loaded_at > fromUnixTimestamp64Milli({int(since * 1000)})"
        )
        if found is not None:
            return float(found) / 1000
        sleep(0.1)


def landed(warehouse: ClickHouse) -> int:
    """How many rows stand there; 0 while there is no table or no server."""
    with suppress(ThroughlineError):
        return int(warehouse.rows(f"select count() from {warehouse.database}.events")[0][0])
    return 0


def wait_for(warehouse: ClickHouse, is_so: Callable[[int], bool], *, seconds: float) -> None:
    deadline = monotonic() + seconds
    while not is_so(landed(warehouse)):
        if monotonic() > deadline:
            raise TimeoutError(f"{landed(warehouse):,} rows after {seconds:.0f} s")
        sleep(0.1)


@contextmanager
def own_stack() -> Iterator[Stack]:
    """Engines that nobody else uses, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="throughline-outage-", dir="/tmp"))
    stack = Stack(folder)
    try:
        yield stack
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def report(console: Console, result: Result) -> None:
    table = Table(title=f"ClickHouse away for {result.minutes:g} minutes at {result.per_second:,} events/s")
    for column in ("events", "memory before", "away", "after", "waiting at its return", "landed again", "caught up"):
        table.add_column(column, justify="right")
    peaks = [f"{result.peaks.get(phase, 0) / 1e6:.0f} MB" for phase in ("before", "away", "after")]
    table.add_row(
        f"{result.landed:,}", *peaks, f"{result.waiting_at_return:,}", f"{result.landed_again_after:.1f} s",
        f"{result.caught_up_after:.0f} s",
    )  # fmt: skip
    console.print(table)
    console.print_json(json.dumps(asdict(result)))


def main() -> int:
    given = [float(argument) for argument in sys.argv[1:4]]
    minutes, per_second, around = (*given, *(60.0, 1000.0, 1.0)[len(given) :])
    console = Console()
    with own_stack() as stack:
        log = stack.folder / "loader.log"
        log.parent.mkdir(exist_ok=True)
        result = measure(stack, minutes=minutes, per_second=int(per_second), around=around, log=log)
        console.print(log.read_text(errors="replace")[-1000:], markup=False)
    report(console, result)
    complaints = list(result.complaints())
    console.print("\n".join(complaints) or "All landed once, within the memory and the time that are promised.")
    return 1 if complaints else 0


if __name__ == "__main__":
    unwind_on_sigterm()
    sys.exit(main())
