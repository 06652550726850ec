"""Measures what batches of one size cost beside histories of several: what of a run grows with what is stored.

    .venv/bin/python -m bench.models.history [events of history …]

Beside each history (1 and 10 million events) batches of 100 and of 20,000 events land, three of each, 95 % of them of
the last day; after each the models are built. Prints the least CPU of the three runs and the fewest rows that one read,
and keeps each run as a line of `.bench/history.jsonl`.
"""

import sys
from dataclasses import asdict
from itertools import count, islice

from rich.console import Console
from rich.table import Table

from bench.models.records import Load
from bench.support.cost import Cost
from bench.support.warehouse import open_bench

HISTORIES = (1_000_000, 10_000_000)
BATCHES = (100, 20_000)
ROUNDS = 3


def main(*histories: int) -> None:
    table = Table("events of history", "of a batch", "CPU-seconds", "rows read, million")
    for history in histories or HISTORIES:
        for batch, costs in costs_beside(history).items():
            cpu, rows = min(cost.queries_cpu for cost in costs), min(cost.read_rows for cost in costs)
            table.add_row(f"{history:,}", f"{batch:,}", f"{cpu:.1f}", f"{rows / 1e6:.1f}")
    Console(width=120).print(table)


def costs_beside(history: int) -> dict[int, list[Cost]]:
    """What runs cost that build a batch of each size, by size."""
    costs: dict[int, list[Cost]] = {}
    with open_bench() as bench:
        raw = bench.settings.raw_database
        bench.land(Load(history).history_statements(raw))
        bench.build("seed")
        bench.build("run")
        numbers = count(1)
        for batch in BATCHES:
            load = Load(history, share=batch / history)
            for number in islice(numbers, ROUNDS):
                bench.land(load.batch_statements(raw, number))
                cost = bench.cost_of_building("run")
                bench.keep("history", {"history": history, "batch": batch, **asdict(cost)})
                costs.setdefault(batch, []).append(cost)
    return costs


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
