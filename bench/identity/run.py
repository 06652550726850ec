"""Measures who is who: full resolution, a small batch on top, and looking persons up; on a stack of its own.

    .venv/bin/python -m bench.identity.run [facts] [new facts] [events] [events of each device]

A million facts, 10,000 new ones and 8 million events by default, 76 of each device: its user is logged in in a third of
them, so an identifier has 38, as in 100 million events of 2 million people with 1.3 identifiers each. Prints
ClickHouse's time and CPU by model, staging and the report of what was set aside apart, and keeps it as a line of
`.bench/identity.jsonl`.
"""

import os
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bench.identity.facts import Facts, events_of
from bench.support.cost import Cost, query_cost
from bench.support.warehouse import open_bench

MODELS = ("run", "--select", "+person_lookup", "+identity_set_aside", "+fct_events")
# A chain of 1,000 is a person here, so that its length costs what it costs.
VARIABLES = {"max_identifiers": 2_000}
LOOKUPS = {
    "person of each event": "select sum(cityHash64(person_id)) from {marts}.fct_events",
    "persons": "select uniqExact(person_id) from {marts}.fct_events",
    "no person": "select sum(identifier_key) from {marts}.fct_events",
}


def main(count: int = 1_000_000, new: int = 10_000, events: int = 8_000_000, of_each: int = 76) -> None:
    console, facts = Console(width=120), Facts(count)
    with open_bench() as bench:
        raw = bench.settings.raw_database
        bench.land((*facts.history_statements(raw), events_of(raw, facts, events, of_each=of_each)))
        bench.build("seed", variables=VARIABLES)
        full = bench.cost_of_building(*MODELS, variables=VARIABLES)
        costs = []
        for batch in (1, 2):
            bench.land(facts.batch_statements(raw, new, batch))
            costs.append(bench.cost_of_building(*MODELS, variables=VARIABLES))
        rates = {
            name: events / query_cost(bench.client, sql.format(marts=bench.settings.marts_database)) / 1e6
            for name, sql in LOOKUPS.items()
        }
        bench.keep("identity", {
            "facts": count, "new": new, "events": events, "of_each": of_each, "full": asdict(full),
            "batches": [asdict(cost) for cost in costs], "lookups": rates,
        })  # fmt: skip
    report(console, count, new, full, costs[-1], rates)


def report(console: Console, count: int, new: int, full: Cost, batch: Cost, rates: dict[str, float]) -> None:
    title = f"{count:,} facts, then {new:,}, {os.cpu_count()} CPUs, load {os.getloadavg()[1]:.1f}"
    table = Table("CPU-seconds of ClickHouse", "all", "new ones", title=title)
    for name in sorted(full.by_model, key=lambda name: -full.by_model[name]):
        if is_identity(name) or name == "identity_set_aside":
            table.add_row(name, f"{full.by_model[name]:.2f}", f"{batch.by_model.get(name, 0):.2f}")
    for name, one, other in (
        ("resolution", resolution(full.by_model), resolution(batch.by_model)),
        ("resolution, seconds of its queries", resolution(full.seconds_by_model), resolution(batch.seconds_by_model)),
        ("merges and mutations", full.background_cpu, batch.background_cpu),
        ("dbt's own Python", full.dbt_cpu, batch.dbt_cpu),
    ):
        table.add_row(name, f"{one:.2f}", f"{other:.2f}")
    console.print(table)
    for name, rate in rates.items():
        console.print(f"{name}: {rate:.1f} M events/s/core")


def is_identity(name: str) -> bool:
    """Resolution begins after staging, which only parses, and ends with the look-up of persons."""
    return name.startswith(("int_device", "int_identity", "person_"))


def resolution(by_model: dict[str, float]) -> float:
    return sum(value for name, value in by_model.items() if is_identity(name))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]))
