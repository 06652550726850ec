"""Measures what reading `events_live` costs beside `fct_events`, with records in raw that no run has read yet.

    .venv/bin/python -m bench.models.live [events] [records of the tail] [bytes of payload]

Raw records are made inside ClickHouse (10 million events by default) and built, then the tail lands (100,000 records,
95 % of the last day, 5 % up to 60 days late, one in a hundred a copy) and is left to `events_live`. Prints CPU and
wall seconds of each question, least and middle of five rounds in which the two are asked by turns, and keeps all rounds
as a line of `.bench/live.jsonl`.
"""

import os
import sys
from dataclasses import asdict, dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.models.records import Load
from bench.support.cost import by_turns
from bench.support.warehouse import BenchWarehouse, open_bench

ROUNDS = 5
QUESTIONS = {
    "trends, daily by event": "trends('*', breakdown='event', events=ref('{events}'))",
    "trends, daily persons": "trends('*', measure='persons', events=ref('{events}'))",
    "funnel, 4 steps": "funnel(['view_item', 'add_to_cart', 'begin_checkout', 'purchase'], events=ref('{events}'))",
}


@dataclass(frozen=True)
class Reading:
    """A question, asked of both by turns: CPU-seconds and seconds of each round."""

    question: str
    stored: list[tuple[float, float]]
    live: list[tuple[float, float]]


def main(events: int = 10_000_000, tail: int = 100_000, payload: int = 250) -> None:
    console = Console(width=120)
    with open_bench() as bench:
        raw, marts = bench.settings.raw_database, bench.settings.marts_database
        # The batch is as large as the tail.
        load = Load(events, payload, share=tail / events)
        console.print(f"making and building {events:,} events …")
        bench.land(load.history_statements(raw))
        bench.build("seed")
        bench.build("run")
        bench.land(load.batch_statements(raw, 1))
        counts = {
            name: bench.client.query(f"select count() from {marts}.{name}").first_row[0]
            for name in ("fct_events", "events_live")
        }
        readings = [read(bench, question, call) for question, call in QUESTIONS.items()]
        bench.keep("live", {"counts": counts, "readings": [asdict(reading) for reading in readings]})
    report(console, counts, readings)


def read(bench: BenchWarehouse, question: str, call: str) -> Reading:
    stored, live = (
        bench.compiled(f"select * from {{{{ {call.format(events=name)} }}}}") for name in ("fct_events", "events_live")
    )
    return Reading(question, *by_turns(bench.client, stored, live, rounds=ROUNDS))


def report(console: Console, counts: dict[str, int], readings: list[Reading]) -> None:
    stored, live = counts["fct_events"], counts["events_live"]
    table = Table(
        "question", "CPU-seconds", "live", "times", "seconds", "live", "times",
        title=f"{stored:,} events and {live - stored:,} more, least and middle of {ROUNDS} rounds,"
        f" {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}",
    )  # fmt: skip
    for each in readings:
        for figure in (min, median):
            cells = []
            for unit in (0, 1):
                one, other = (figure(cost[unit] for cost in costs) for costs in (each.stored, each.live))
                cells += [f"{one:.2f}", f"{other:.2f}", f"{other / one:.2f}"]
            table.add_row(each.question, *cells)
    console.print(table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
