"""Measures a full refresh and small batches after it, on a stack of its own.

    .venv/bin/python -m bench.models.run [events] [bytes of payload] [batches]

Raw records are made inside ClickHouse (1 million events of 250 bytes by default; 100 million take about 40 GB of disk),
then dbt builds everything, then batches of 1 % land and dbt builds again, two more with the tests of an hourly build.
Prints the CPU of ClickHouse by model, dbt's own, memory, what tests cost, what readers pay, what lies on the disk, and
keeps it all as a line of `.bench/models.jsonl`; what builds cost as a line of its own, as soon as it is known.
"""

import os
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bench.models.readers import Price, property_prices, reader_prices, session_price
from bench.models.records import Load
from bench.models.storage import Storage, storage
from bench.support.cost import Cost
from bench.support.warehouse import open_bench

# What the aim of 5 % names; the rest are marts of behaviour.
FACTS = ("stg_", "int_", "fct_events", "fct_sessions", "person", "dim_persons", "active_users", "identit", "dbt itself")
BEHAVIOUR = ("int_funnel_", "int_paths_")
HOURLY = ("build", "--selector", "hourly", "--exclude-resource-type", "unit_test")


def main(events: int = 1_000_000, payload: int = 250, batches: int = 2) -> None:
    console, load = Console(width=120), Load(events, payload)
    with open_bench() as bench:
        raw, marts = bench.settings.raw_database, bench.settings.marts_database
        console.print(f"making {events:,} events of about {payload} bytes …")
        bench.land(load.history_statements(raw))
        landed, size = bench.client.query(f"select count(), avg(length(payload)) from {raw}.events").first_row
        bench.build("seed")
        full = bench.cost_of_building("run")
        console.print(f"built whole in {full.seconds:.0f} s")
        costs = []
        for batch in range(1, batches + 1):
            bench.land(load.batch_statements(raw, batch))
            costs.append(bench.cost_of_building("run"))
            console.print(f"batch {batch} built in {costs[-1].seconds:.0f} s")
        # An hour of work at 100 million: what follows may fail.
        figures = {
            "events": landed, "payload": size, "full": asdict(full), "batches": [asdict(cost) for cost in costs],
        }  # fmt: skip
        bench.keep("models", figures)
        tests = []
        for batch in (batches + 1, batches + 2):
            bench.land(load.batch_statements(raw, batch))
            tests.append(cpu_of_tests(bench.cost_of_building(*HOURLY)))
        prices = [
            *reader_prices(bench.client, marts),
            *property_prices(bench),
            session_price(bench.client, marts),
        ]
        stored = storage(bench.client, landed, raw, [bench.settings.staging_database, marts])
        read = {"tests": tests, "prices": [asdict(price) for price in prices], "storage": asdict(stored)}
        bench.keep("models", figures | read)
    report(console, landed, size, full, costs, tests, prices, stored)


def cpu_of_tests(cost: Cost) -> dict[str, float]:
    """CPU-seconds by test."""
    return {name.split(".")[2]: cpu for name, cpu in cost.by_model.items() if name.startswith("test.")}


def report(
    console: Console,
    events: int,
    payload: float,
    full: Cost,
    batches: list[Cost],
    tests: list[dict[str, float]],
    prices: list[Price],
    stored: Storage,
) -> None:
    last = batches[-1] if batches else Cost(0, 0)
    title = f"{events:,} records of {payload:.0f} B, {os.cpu_count()} CPUs, load {os.getloadavg()[1]:.1f}"
    table = Table("CPU-seconds of ClickHouse", "full refresh", "1 % batch", "ratio", title=title)
    rows = sorted(full.by_model.items(), key=lambda row: -row[1])
    for name, cpu in [*((name, cpu) for name, cpu in rows if cpu >= full.queries_cpu / 200)]:
        table.add_row(
            name, f"{cpu:.2f}", f"{last.by_model.get(name, 0):.2f}", _percent(last.by_model.get(name, 0), cpu)
        )
    for name, one, other in (
        ("events, identity, sessions, persons, active users", facts_cpu(full), facts_cpu(last)),
        ("all queries", full.queries_cpu, last.queries_cpu),
        ("merges and mutations", full.background_cpu, last.background_cpu),
        ("the whole server", full.cpu, last.cpu),
        ("dbt's own Python", full.dbt_cpu, last.dbt_cpu),
        ("wall seconds", full.seconds, last.seconds),
        ("peak of a query, MB", full.peak_query_mb, last.peak_query_mb),
        ("peak of the server, MB", full.peak_mb, last.peak_mb),
        ("statements", full.statements, last.statements),
    ):
        table.add_row(name, f"{one:,.2f}", f"{other:,.2f}", _percent(other, one))
    console.print(table)
    for rows, cpu_by_test in zip(("all rows", "what came since"), tests, strict=True):
        costly = ", ".join(
            f"{name} {cpu:.2f}" for name, cpu in sorted(cpu_by_test.items(), key=lambda row: -row[1])[:5]
        )
        console.print(
            f"{len(cpu_by_test)} tests of an hourly build, {rows}: {sum(cpu_by_test.values()):.2f} CPU-s; {costly}"
        )
    for price in prices:
        console.print(f"{price.name}: {price.cpu:.3f} to {price.peer:.3f} CPU-s, {price.ratio:.2f} times")
    largest = ", ".join(f"{name} {size:.1f}" for name, size in list(stored.models.items())[:8])
    console.print(
        f"on the disk {stored.ratio:.2f} times gzip -6 ({stored.gzip:.0f} B an event):"
        f" raw {stored.raw:.0f} B, event ids {stored.event_ids:.0f} B, {largest}"
    )


def facts_cpu(cost: Cost) -> float:
    return sum(cpu for name, cpu in cost.by_model.items() if name.startswith(FACTS) and not name.startswith(BEHAVIOUR))


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
