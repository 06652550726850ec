"""Measures the behaviour macros beside what one would write by hand, on a stack of its own.

    .venv/bin/python bench/behaviour/run.py [events] [name of one question …]

The events are made inside ClickHouse (100 million by default: about 12 GB of disk) and read as BI reads them. Prints
wall and CPU seconds, events/s/core, peak memory and ratios, then the reads of the marts, then all as JSON. The best of
some rounds counts; caches of results are off. The machine should do nothing else.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from events import make_events
from questions import MARTS, Question, questions
from rich.console import Console
from rich.table import Table

from local.stack import Stack

DATABASE = "behaviour"
READS = 100
SETTINGS = {
    "max_threads": 2, "max_memory_usage": 6_000_000_000, "max_execution_time": 600, "use_query_cache": 0,
    "use_query_condition_cache": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """The best round of a question; `failure` where the engine refused it."""

    name: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    failure: str = ""


def connected(stack: Stack, database: str) -> Client:
    url = urlsplit(stack.settings().clickhouse_url)
    return clickhouse_connect.get_client(
        host=url.hostname or "", port=url.port or 0, username="admin", password=stack.admin_password(),
        database=database, send_receive_timeout=1_000,
    )  # fmt: skip


def measured(client: Client, question: Question) -> Result:
    rounds = []
    for _ in range(question.rounds):
        try:
            query_id = str(client.query(question.sql, settings=SETTINGS).query_id)
        except DatabaseError as error:
            return Result(question.name, failure=str(error).split("DB::Exception: ")[-1][:120])
        client.command("system flush logs query_log")
        logged = client.query(
            "select query_duration_ms, ProfileEvents['UserTimeMicroseconds'] + "
            "ProfileEvents['SystemTimeMicroseconds'], memory_usage from system.query_log "
            "where query_id = {id:String} and type = 'QueryFinish'",
            parameters={"id": query_id},
        ).result_rows[0]
        rounds.append(Result(question.name, logged[0] / 1e3, logged[1] / 1e6, logged[2] / 1e6))
    return min(rounds, key=lambda one: one.cpu_seconds)


def mart_reads(client: Client, asked: dict[str, Question]) -> dict[str, float]:
    """95th percentile in milliseconds, as a client sees it, of reading a whole mart."""
    slowest = {}
    for mart, name in MARTS.items():
        client.command(f"create or replace table {mart} engine = MergeTree order by tuple() as {asked[name].sql}")
        times = []
        for _ in range(READS):
            began = time.perf_counter()
            client.query(f"select * from {mart}")
            times.append((time.perf_counter() - began) * 1e3)
        slowest[mart] = sorted(times)[int(READS * 0.95) - 1]
    return slowest


def main() -> None:
    size, names = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000, sys.argv[2:]
    console, folder = Console(width=120), Path(tempfile.mkdtemp(prefix="throughline-bench-"))
    # As the aim has it; the local stack's default is smaller, and groups that do not fit spill to the disk.
    os.environ.setdefault("THROUGHLINE_CLICKHOUSE_MEMORY", "8000000000")
    stack = Stack(folder)
    try:
        stack.up(kafka=False)
        connected(stack, "default").command(f"create database {DATABASE}")
        client = connected(stack, DATABASE)
        console.print(f"making {size:,} events …")
        # A dictionary logs in to its own server for its source.
        for statement in make_events(size, user="admin", password=stack.admin_password()):
            client.command(statement)
        events = client.query("select count() from fct_events").first_row[0]
        asked = {one.name: one for one in questions() if not names or one.name in names}
        results = {name: measured(client, one) for name, one in asked.items()}
        reads = {} if names else mart_reads(client, asked)
        report(console, events, asked, results, reads)
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def report(
    console: Console, events: int, asked: dict[str, Question], results: dict[str, Result], reads: dict[str, float]
) -> None:
    title = f"{events:,} events, {os.cpu_count()} CPUs, load {os.getloadavg()[1]:.1f}"
    table = Table("question", "seconds", "CPU-s", "M events/s/core", "peak MB", "CPU to peer", "peer", title=title)
    for name, one in results.items():
        if one.failure:
            table.add_row(name, one.failure)
            continue
        peer = results.get(asked[name].peer)
        ratio = f"{one.cpu_seconds / peer.cpu_seconds:.2f}" if peer and peer.cpu_seconds else ""
        table.add_row(
            name, f"{one.seconds:.2f}", f"{one.cpu_seconds:.2f}", f"{events / one.cpu_seconds / 1e6:.1f}",
            f"{one.peak_mb:,.0f}", ratio, asked[name].peer,
        )  # fmt: skip
    console.print(table)
    for mart, milliseconds in reads.items():
        console.print(f"reading {mart}: p95 {milliseconds:.1f} ms")
    figures = {
        "events": events, "load": os.getloadavg()[1], "results": [asdict(one) for one in results.values()],
        "p95_ms_of_reading": reads,
    }  # fmt: skip
    console.print_json(json.dumps(figures))


if __name__ == "__main__":
    main()
