"""A follower at a steady 1,000 events/s: how long from produce to visible in raw, and how many parts a second.

    .venv/bin/python bench/loaders/steady.py [events/s] [seconds]

Each client in turn, on a stack of its own. An event is visible when a query sees its row; one is asked every 50 ms, so
a figure is up to that much too long. Its moment of production is that of the call that sends it. The first 5 s, in
which the group forms, do not count.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import get_args
from uuid import uuid4

from confluent_kafka import KafkaError, Message, Producer
from rich.console import Console
from rich.table import Table
from run import own_bench
from sides import READER, Bench, wait_for_rows
from topics import PARTITIONS, create, event

from bench.support.pace import numbers_due
from loaders.settings import KafkaClient, Settings
from local.stack.signals import unwind_on_sigterm

SIZE, WARM_SECONDS, LOOK_SECONDS = 250, 5.0, 0.05


@dataclass
class Flow:
    """Sends so many events a second; `sent` has each one's moment by (partition, offset), `failed` what was refused."""

    settings: Settings
    topic: str
    per_second: int
    sent: dict[tuple[int, int], float] = field(default_factory=dict)
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
        producer = Producer({"bootstrap.servers": self.settings.kafka_bootstrap, "acks": "all", "linger.ms": 5})
        for numbers in numbers_due(self.per_second, self._stop):
            for number in numbers:
                producer.produce(
                    self.topic, event(number, SIZE), partition=number % PARTITIONS, on_delivery=self._noted(time.time())
                )
            producer.poll(0)
        producer.flush()

    def _noted(self, moment: float):  # type: ignore[no-untyped-def]
        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is None:
                self.sent[message.partition(), message.offset()] = moment
            else:
                self.failed += 1

        return delivered


@dataclass(frozen=True)
class Steady:
    """What one client came to."""

    client: str
    events: int
    waits: Sequence[float]
    parts_per_second: float

    def share(self, percent: float) -> float:
        """The percentile of the waits, in seconds."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * percent / 100))]


def measure(bench: Bench, client: KafkaClient, per_second: int, seconds: float) -> Steady:
    topic, suffix = f"steady-{client}", f"_{uuid4().hex[:8]}"
    settings = bench.settings.model_copy(
        update={
            "throughline_schema_suffix": suffix,
            "throughline_topics_events": topic,
            "throughline_kafka_client": client,
        }
    )
    create(settings, topic)
    flow, environment = Flow(settings, topic, per_second), {**os.environ, **settings.as_environment()}
    loader = subprocess.Popen(
        [*READER, "follow"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        flow.start()
        table = f"{settings.raw_database}.events"
        wait_for_rows(bench.warehouse, table, 1)
        since = time.time() + WARM_SECONDS
        seen = list(looks(bench, table, until=since + seconds))
        [[inserts]] = bench.warehouse.rows(f"select uniqExact(loaded_at) from {table} where loaded_at > {since}")
    finally:
        flow.stop()
        loader.communicate()
    return Steady(client, len(flow.sent), list(waits(flow.sent, seen, since)), inserts / seconds)


def looks(bench: Bench, table: str, *, until: float) -> Iterator[tuple[float, dict[int, int]]]:
    """The highest visible offset of each partition, again and again; the moment is that of the answer."""
    while time.time() < until:
        rows = bench.warehouse.rows(f"select partition, max(offset) from {table} group by partition")
        yield time.time(), dict(rows)
        time.sleep(LOOK_SECONDS)


def waits(
    sent: dict[tuple[int, int], float], seen: Sequence[tuple[float, dict[int, int]]], since: float
) -> Iterator[float]:
    """From produce to visible, of each event that was produced since then and seen."""
    of_partition: dict[int, list[tuple[int, float]]] = {}
    for (partition, offset), moment in sorted(sent.items()):
        of_partition.setdefault(partition, []).append((offset, moment))
    for partition, events in of_partition.items():
        place = 0
        for moment, highest in seen:
            while place < len(events) and events[place][0] <= highest.get(partition, -1):
                if events[place][1] >= since:
                    yield moment - events[place][1]
                place += 1


def main() -> None:
    given = [float(argument) for argument in sys.argv[1:3]]
    per_second, seconds = (*given, *(1000.0, 60.0)[len(given) :])
    table = Table(
        title=f"{per_second:,.0f} events/s for {seconds:.0f} s, from produce to visible; load {os.getloadavg()[0]:.0f}"
    )
    for column in ("client", "events", "half within", "95 %", "99 %", "all", "parts/s"):
        table.add_column(column, justify="left" if column == "client" else "right")
    results = []
    with own_bench() as bench:
        for client in get_args(KafkaClient):
            result = measure(bench, client, int(per_second), seconds)
            results.append(result)
            shares = [f"{result.share(percent):.2f} s" for percent in (50, 95, 99, 100)]
            table.add_row(client, f"{result.events:,}", *shares, f"{result.parts_per_second:.2f}")
    console = Console(width=120)
    console.print(table)
    names = ("client", "events", "parts_per_second")
    figures = [
        {name: getattr(result, name) for name in names}
        | {f"p{percent}": result.share(percent) for percent in (50, 95, 99, 100)}
        for result in results
    ]
    console.print_json(json.dumps(figures))


if __name__ == "__main__":
    unwind_on_sigterm()
    main()
