"""Measures the behaviour macros beside what one would write by hand, on a stack of its own.

    .venv/bin/uv run --group bench python bench/behaviour/run.py [events] [name of one question …]

The events are made inside ClickHouse (100 million by default: about 15 GB of disk) and read as BI reads them. Beside
the macros stand `windowFunnel` by hand, the self-joins of generic packages, DuckDB over the same events as Parquet,
each over a sample of the people where all are too many, and Polars over that sample; answers are compared. Prints
wall and CPU seconds, events/s/core, peak memory and ratios, then the reads of the stock marts; keeps the figures in
`results.json` and draws `docs/behaviour.svg` where all was asked. Caches of results are off. The machine should do
nothing else.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import clickhouse_connect
import report
from answers import MACROS, OF_A_SAMPLE, assert_same_answers
from clickhouse_connect.driver.client import Client
from events import make_events
from marts import DAYS, lay_out, slowest_reads
from measure import Result, in_clickhouse, outside
from questions import Question, marts, of_a_sample, questions, self_joins
from rich.console import Console

from loaders.settings import PROJECT_DIR
from local.stack import Stack
from local.stack.signals import unwind_on_sigterm
from tests.macros.harness import Macros

DATABASE = "behaviour"
RESULTS, PLOT = PROJECT_DIR / "bench" / "behaviour" / "results.json", PROJECT_DIR / "docs" / "behaviour.svg"
SAMPLE = 5_000_000
SETTINGS = {
    "max_threads": 2, "max_memory_usage": 6_000_000_000, "max_execution_time": 900, "use_query_cache": 0,
    "use_query_condition_cache": 0,
}  # fmt: skip
# Persons are looked up already, as in the files.
SAMPLED_EVENTS = """
create table sampled_events engine = MergeTree order by (person_id, occurred_at) as
select person_id, event, occurred_at from fct_events
where person_id != '' and cityHash64(person_id) % {share} = 0
"""


def connected(stack: Stack, database: str) -> Client:
    url = urlsplit(stack.settings().clickhouse_url)
    return clickhouse_connect.get_client(
        host=url.hostname or "", port=url.port or 0, username="admin", password=stack.admin_password(),
        database=database, send_receive_timeout=1_800,
    )  # fmt: skip


@contextmanager
def own_engine() -> Iterator[tuple[Stack, Path]]:
    # As the aim has it; the local stack's default is smaller, and groups that do not fit spill to the disk.
    os.environ.setdefault("THROUGHLINE_CLICKHOUSE_MEMORY", "8000000000")
    unwind_on_sigterm()
    folder = Path(tempfile.mkdtemp(prefix="throughline-bench-"))
    stack = Stack(folder)
    try:
        stack.up(kafka=False)
        connected(stack, "default").command(f"create database {DATABASE}")
        yield stack, folder
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    size, names = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000, sys.argv[2:]
    console = Console(width=150)
    with own_engine() as (stack, folder):
        client = connected(stack, DATABASE)
        console.print(f"making {size:,} events …")
        # A dictionary logs in to its own server for its source.
        for statement in make_events(size, database=DATABASE, user="admin", password=stack.admin_password()):
            client.command(statement)
        for statement in DAYS:
            client.command(statement.replace("{person}", Macros(persons_have_names=False).call(
                "person_id_of_key", at="segment_at")))  # fmt: skip
        events = client.query("select count() from fct_events").first_row[0]
        asked = {one.name: one for one in questions() if not names or one.name in names}
        results = {}
        for name, question in asked.items():
            results[name] = in_clickhouse(client, question, events=events, settings=SETTINGS)
            console.print(results[name])
        reads = {}
        if not names:
            for mart, sql in marts().items():
                lay_out(client, mart, sql)
                reads[mart] = slowest_reads(client, mart, SETTINGS)
                console.print(f"reading {mart}: p95 {reads[mart]:.1f} ms")
            results |= beside(client, folder, events, console)
            sampled = {
                name: in_clickhouse(client, Question(name, sql, rounds=1), events=events, settings=SETTINGS)
                for name, sql in of_a_sample(share_of(events)).items()
            }
            assert_same_answers(results, sampled)
    peers = {one.name: one.peer for one in asked.values()} | {
        name: MACROS[name.split()[0]] for name in results if name not in asked
    }
    report.show(console, asked, results, reads, peers)
    if not names:
        report.keep(RESULTS, events, results, reads)
        report.plot(PLOT, results)


def share_of(events: int) -> int:
    """One in how many people is in the sample."""
    return max(1, round(events / SAMPLE))


def beside(client: Client, folder: Path, events: int, console: Console) -> dict[str, Result]:
    """What others answer: of all events, or where that is refused or takes too long of a sample of the people."""
    results: dict[str, Result] = {}

    def keep(one: Result) -> bool:
        results[one.name] = one
        console.print(one)
        return not one.failure

    client.command(SAMPLED_EVENTS.format(share=share_of(events)))
    sampled = client.query("select count() from sampled_events").first_row[0]
    for question in self_joins():
        if not keep(in_clickhouse(client, question, events=events, settings=SETTINGS)):
            sql = question.sql.replace("fct_events", "sampled_events")
            one = replace(question, name=question.name + OF_A_SAMPLE, sql=sql)
            keep(in_clickhouse(client, one, events=sampled, settings=SETTINGS))
    sample = as_parquet(client, folder, "sampled_events", "1")
    whole = as_parquet(client, folder, "fct_events", "person_id != ''")
    for question in MACROS:
        if not keep(outside("duckdb", question, whole, events=events)):
            one = outside("duckdb", question, sample, events=sampled)
            keep(replace(one, name=one.name + OF_A_SAMPLE))
    whole.unlink()
    for question in MACROS:
        one = outside("polars", question, sample, events=sampled)
        keep(replace(one, name=one.name + OF_A_SAMPLE))
    return results


def as_parquet(client: Client, folder: Path, relation: str, where: str) -> Path:
    file = folder / f"{relation}.parquet"
    with file.open("wb") as parquet:
        sql = f"select person_id, event, occurred_at from {relation} where {where}"
        shutil.copyfileobj(client.raw_stream(sql, fmt="Parquet"), parquet)
    return file


if __name__ == "__main__":
    main()
