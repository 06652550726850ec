"""Measures what the books of many runs cost a run and a reader, and what `maintain` leaves of them.

    .venv/bin/python -m bench.models.books [runs] [events]

A small warehouse (20,000 events) is built; then the books get the rows that so many further runs would have left
(525,600: one a minute for a year). Small batches and reads of marts are measured with the books as they were, with all
of these, and after what nobody asks any more was removed.
"""

import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.models.records import Load
from bench.support.cost import query_cost_and_seconds
from bench.support.warehouse import BenchWarehouse, open_bench
from orchestration.lib.run_books import forget_runs
from orchestration.lib.versioned_models import versioned_models

# By book: what a run writes, with its number for `run`.
BOOKS = {
    "runs": "run, 'made ' || toString(run), now64(3)",
    "run_positions": "run, stream, lane, topic, generation, partition, position",
    "run_models": "run, model, false, fingerprint, now64(3)",
    "run_lookups": "run, lookup, slot",
    "run_commits": "run, model, 'made ' || toString(run), now64(3), now64(3), data_through",
}
READ = ("fct_events", "fct_sessions", "active_users_daily", "mart_status", "restatements")
BATCHES = 3
ROUNDS = 3


@dataclass(frozen=True)
class Reading:
    """CPU-seconds of ClickHouse for a run (the least of some), seconds of a read by mart, and rows of the books."""

    when: str
    rows: int
    run_cpu: float
    read_seconds: dict[str, float]


class Books:
    def __init__(self, bench: BenchWarehouse, load: Load) -> None:
        self._bench, self._load = bench, load
        self._marts, self._batch = bench.settings.marts_database, 0

    def fill(self, runs: int) -> None:
        """What so many runs write that are like the last one."""
        last = self._value("select max(run) from {marts}.runs")
        for book, columns in BOOKS.items():
            self._bench.client.command(
                f"insert into {self._marts}.{book} select {columns} from"
                f" (select * except (run) from {self._marts}.{book} where run = {last}) as rows"
                f" cross join (select {last} + 1 + number as run from numbers({runs})) as runs"
            )

    def forget(self) -> None:
        """Without waiting for a week."""
        models = versioned_models(self._bench.folder / "target" / "manifest.json", self._bench.settings)
        forget_runs(self._bench.client, self._marts, models, keep_days=0)

    def read(self, when: str) -> Reading:
        costs = [self._cost_of_batch() for _ in range(BATCHES)]
        seconds = {
            name: query_cost_and_seconds(
                self._bench.client, f"select count() from {self._marts}.{name}", rounds=ROUNDS
            )[1]
            for name in READ
        }
        rows = self._value(
            "select sum(rows) from system.parts where active and database = '{marts}' and table in ("
            + ", ".join(f"'{book}'" for book in BOOKS)
            + ")"
        )
        return Reading(when, rows, min(costs), seconds)

    def _cost_of_batch(self) -> float:
        self._batch += 1
        self._bench.land(self._load.batch_statements(self._bench.settings.raw_database, self._batch))
        return self._bench.cost_of_building("run").queries_cpu

    def _value(self, query: str) -> Any:
        return self._bench.client.query(query.format(marts=self._marts)).first_row[0]


def main(runs: int = 525_600, events: int = 20_000) -> None:
    console, load = Console(width=140), Load(events, 250)
    with open_bench() as bench:
        bench.land(load.history_statements(bench.settings.raw_database))
        bench.build("seed")
        bench.build("run")
        books = Books(bench, load)
        readings = [books.read("as built")]
        books.fill(runs)
        readings.append(books.read(f"{runs:,} runs more"))
        began = time.monotonic()
        books.forget()
        console.print(f"old runs were forgotten in {time.monotonic() - began:.0f} s")
        readings.append(books.read("after that"))
        bench.keep("books", {"readings": [asdict(reading) for reading in readings]})
    table = Table(
        "books", "rows", "a run, CPU-seconds", *(f"{name}, ms" for name in READ),
        title=f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}",
    )  # fmt: skip
    for each in readings:
        table.add_row(
            each.when, f"{each.rows:,}", f"{each.run_cpu:.1f}",
            *(f"{each.read_seconds[name] * 1000:.0f}" for name in READ),
        )  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
