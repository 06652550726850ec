"""A steady flow into a warehouse that has a history: from produce to visible in `events_live`, and to every mart.

    .venv/bin/python -m bench.models.steady [events of history] [events/s] [seconds]

A loader follows and dbt builds everything, over and over, as the sensor does, in a process that is kept warm. How many
events are visible is asked again and again; as they are counted in the order of production, that tells of each when it
was. All marts of a run become visible at once, so one count stands for them. Prints the waits, keeps them as a line of
`.bench/steady.jsonl`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from confluent_kafka import Producer
from kafka.admin import KafkaAdminClient
from rich.console import Console
from rich.table import Table

from bench.models.records import Load
from bench.support.pace import numbers_due
from bench.support.warehouse import BenchWarehouse, open_bench
from loaders.kafka_config import connection
from loaders.settings import Settings

LOADER = [str(Path(sys.executable).parent / "throughline"), "load", "--follow"]
TOPIC, PARTITIONS, LOOK_SECONDS = "steady", 4, 0.2


@dataclass
class Flow:
    """Sends so many events a second; `sent` has the moment of each."""

    settings: Settings
    per_second: int
    people: int
    sent: list[float] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def run(self) -> None:
        producer = Producer({"bootstrap.servers": self.settings.kafka_bootstrap, "acks": "all", "linger.ms": 5})
        for numbers in numbers_due(self.per_second, self._stop):
            for number in numbers:
                self.sent.append(time.time())
                producer.produce(TOPIC, self._event(number), partition=number % PARTITIONS)
            producer.poll(0)
        assert producer.flush(60) == 0, "the broker did not take all events"

    def stop(self) -> None:
        self._stop.set()

    def _event(self, number: int) -> bytes:
        at_ms = int(time.time() * 1000)
        page = {"page": f"/{number % 400}", "free": {"shade": f"s{number % 50}"}}
        name = ("page_view", "page_view", "view_item", "add_to_cart", "purchase")[number % 5]
        return json.dumps({
            "event_id": f"{number:032x}", "event": name, "device_id": f"d{number * 7919 % self.people}a",
            "timestamp": at_ms, "sent_at": at_ms, "received_at": at_ms + 40, "properties": page,
        }).encode()  # fmt: skip


@dataclass
class Looks:
    """How many events were visible, and when: (moment of the answer, count)."""

    count: Callable[[], int]
    seen: list[tuple[float, int]] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            visible = self.count()
            self.seen.append((time.time(), visible))

    def stop(self) -> None:
        self._stop.set()

    def waits(self, sent: list[float], since: float) -> list[float]:
        """Seconds from produce to visible, of each event that was sent since then and seen."""
        found, nth = [], 0
        for moment, visible in self.seen:
            for at in sent[nth:visible]:
                if at >= since:
                    found.append(moment - at)
            nth = max(nth, visible)
        return sorted(found)


def main(history: int = 1_000_000, per_second: int = 1_000, seconds: int = 300) -> None:
    console, load = Console(width=120), Load(history)
    with open_bench(kafka=True) as bench, warm_dbt(bench):
        console.print(f"making and building {history:,} events …")
        bench.land(load.history_statements(bench.settings.raw_database))
        bench.build("seed")
        bench.build("run")
        settings = bench.settings.model_copy(
            update={"throughline_topics_events": TOPIC, "throughline_kafka_client": "confluent-kafka"}
        )
        flow = Flow(settings, per_second, load.people)
        live, stored = Looks(counting(bench, "events_live")), Looks(counting(bench, "fct_events"))
        runs: list[float] = []
        with following(settings), in_threads(flow, live, stored):
            # A first run reads the topic for the first time, and the view is made anew for its partitions.
            bench.build("run")
            since, until = time.time(), time.time() + seconds
            while time.time() < until:
                began = time.monotonic()
                bench.build("run")
                runs.append(time.monotonic() - began)
        waits = {"events_live": live.waits(flow.sent, since), "every mart": stored.waits(flow.sent, since)}
        bench.keep("steady", {
            "history": history, "per_second": per_second, "sent": len(flow.sent), "runs": runs,
            "waits": {name: [share(found, percent) for percent in (50, 95, 100)] for name, found in waits.items()},
        })  # fmt: skip
    table = Table(
        "seconds from produce to", "events", "half within", "95 %", "all",
        title=f"{len(flow.sent):,} events at {per_second:,}/s beside {history:,}, {len(runs)} runs of"
        f" {min(runs):.0f} to {max(runs):.0f} s, {os.cpu_count()} CPUs, load {os.getloadavg()[1]:.1f}",
    )  # fmt: skip
    for name, found in waits.items():
        table.add_row(name, f"{len(found):,}", *(f"{share(found, percent):.1f}" for percent in (50, 95, 100)))
    console.print(table)


def share(waits: list[float], percent: float) -> float:
    return waits[min(len(waits) - 1, int(len(waits) * percent / 100))]


def counting(bench: BenchWarehouse, relation: str) -> Callable[[], int]:
    """How many events a relation shows beyond those that it shows now, as a reader of its own asks."""
    client = bench.connect()

    def visible() -> int:
        [[rows]] = client.query(f"select count() from {bench.settings.marts_database}.{relation}").result_rows
        return int(rows)

    before = visible()
    return lambda: visible() - before


@contextmanager
def warm_dbt(bench: BenchWarehouse) -> Iterator[None]:
    """Runs of the models keep dbt warm, in the bench's folder; what they left is ended by its pid."""
    # The path of a socket is short: the bench's folder is.
    asked = {"THROUGHLINE_DBT_WARM_SECONDS": "120", "XDG_RUNTIME_DIR": str(bench.folder)}
    os.environ.update(asked)
    try:
        yield
    finally:
        for lock in bench.folder.glob("throughline-dbt-*/*.lock"):
            with suppress(ProcessLookupError, ValueError):
                os.kill(int(lock.read_text()), signal.SIGTERM)
        for name in asked:
            del os.environ[name]


@contextmanager
def following(settings: Settings) -> Iterator[None]:
    admin = KafkaAdminClient(**connection(settings))
    admin.create_topics({TOPIC: {"num_partitions": PARTITIONS, "replication_factor": 1}}, wait_for_metadata=True)
    admin.close()
    loader = subprocess.Popen(
        LOADER, env={**os.environ, **settings.as_environment()}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
        assert loader.poll() is None, f"the loader ended with {loader.returncode}"
    finally:
        loader.terminate()
        loader.wait(60)


@contextmanager
def in_threads(*tasks: Flow | Looks) -> Iterator[None]:
    threads = [Thread(target=task.run, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for task in tasks:
            task.stop()
        for thread in threads:
            thread.join(60)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
