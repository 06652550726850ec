"""Measures a full refresh and small batches after it, on a stack of its own.

    .venv/bin/python bench/models/run.py [events] [bytes of payload] [batches]

Raw records are made inside ClickHouse (1 million events of 250 bytes by default; 100 million take about 40 GB of disk),
then dbt builds everything, then batches of 1 % land and dbt builds again. Prints the CPU of ClickHouse by model, dbt's
own, memory, what readers pay, what lies on the disk, and all of it as one line of JSON into `.bench/models.jsonl`.
"""

import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import psutil
from cost import Cost, measured, run_and_time
from readers import Price, property_price, reader_prices, session_price
from records import Load
from rich.console import Console
from rich.table import Table
from storage import Storage, storage

from loaders.schema import migrate
from loaders.settings import PROJECT_DIR, Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from tests.support.clickhouse import ADMIN_PASSWORDS, connect

RESULTS = PROJECT_DIR / ".bench" / "models.jsonl"
# What the aim of 5 % names; the rest are marts of behaviour.
FACTS = ("stg_", "int_", "fct_events", "fct_sessions", "person", "dim_persons", "active_users", "identit", "dbt itself")


def main(events: int = 1_000_000, payload: int = 250, batches: int = 2) -> None:
    console, folder = Console(width=120), Path(tempfile.mkdtemp(prefix="throughline-bench-"))
    # As the aim has it; the local stack's default is smaller.
    os.environ.setdefault("THROUGHLINE_CLICKHOUSE_MEMORY", "6000000000")
    stack, load = Stack(folder), Load(events, payload)
    try:
        settings = stack.up(kafka=False)
        process = stack.service("clickhouse").process()
        assert process is not None
        server = psutil.Process(process.pid)
        ADMIN_PASSWORDS[settings.clickhouse_url] = stack.admin_password()
        with connect(settings, "admin") as client:
            for database in (settings.raw_database, settings.staging_database, settings.marts_database):
                client.command(f"create database if not exists {database}")
            migrate(ClickHouse(settings), settings)
            console.print(f"making {events:,} events of about {payload} bytes …")
            for statement in load.history_statements(settings.raw_database):
                client.command(statement)
            landed = client.query(f"select count(), avg(length(payload)) from {settings.raw_database}.events").first_row
            build(settings, folder, "seed")
            full = measured(client, server, lambda: build(settings, folder, "run"))
            console.print(f"built whole in {full.seconds:.0f} s")
            costs = []
            for batch in range(1, batches + 1):
                for statement in load.batch_statements(settings.raw_database, batch):
                    client.command(statement)
                costs.append(measured(client, server, lambda: build(settings, folder, "run")))
                console.print(f"batch {batch} built in {costs[-1].seconds:.0f} s")
            prices = [
                *reader_prices(client, settings.marts_database),
                property_price(client, settings.raw_database, settings.marts_database),
                session_price(client, settings.marts_database),
            ]
            stored = storage(
                client, landed[0], settings.raw_database, [settings.staging_database, settings.marts_database]
            )
        report(console, landed[0], landed[1], full, costs, prices, stored)
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def build(settings: Settings, folder: Path, command: str) -> float:
    environment = {
        **os.environ, **settings.as_environment(), "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }  # fmt: skip
    dbt = str(Path(sys.executable).parent / "dbt")
    return run_and_time([dbt, "--no-use-colors", command], environment, str(PROJECT_DIR))


def report(
    console: Console, events: int, payload: float, full: Cost, batches: list[Cost], prices: list[Price], stored: Storage
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
    for price in prices:
        console.print(f"{price.name}: {price.cpu:.3f} to {price.peer:.3f} CPU-s, {price.ratio:.2f} times")
    largest = ", ".join(f"{name} {size:.1f}" for name, size in list(stored.models.items())[:8])
    console.print(
        f"on the disk {stored.ratio:.2f} times gzip -6 ({stored.gzip:.0f} B an event):"
        f" raw {stored.raw:.0f} B, event ids {stored.event_ids:.0f} B, {largest}"
    )
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(json.dumps({
            "events": events, "payload": payload, "load": os.getloadavg()[1], "full": asdict(full),
            "batches": [asdict(batch) for batch in batches], "prices": [asdict(price) for price in prices],
            "storage": asdict(stored),
        }) + "\n")  # fmt: skip


def facts_cpu(cost: Cost) -> float:
    return sum(cpu for name, cpu in cost.by_model.items() if name.startswith(FACTS))


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
