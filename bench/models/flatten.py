"""Measures the flattening of events: the model's own SELECT from raw payloads into a table as it is laid out.

    .venv/bin/python bench/models/flatten.py [events]

Prints, for payloads of about 250 B and 1 kB, rows a second and core, memory, what a property costs to read beside
JSONExtract over the payload, and bytes an event beside `gzip -6`. Runs on a stack of its own.
"""

import gzip
import json
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from payloads import LARGE_PLAN, PLAN, made_rows
from rich.console import Console

from loaders.settings import PROJECT_DIR
from local.stack import Stack
from tests.macros.harness import Macros

MODEL = PROJECT_DIR / "models/staging/raw/stg_raw__events.sql"
FACTS = PROJECT_DIR / "models/marts/events/int_events_sessionized.sql"
SLICE = 1_000_000
SETTINGS: dict[str, Any] = {"max_threads": 2, "max_insert_threads": 2, "use_query_cache": 0}
ROUNDS = 3
COORDINATES = ("lane", "topic", "generation", "partition", "offset", "replay_seq", "kafka_timestamp")


@dataclass(frozen=True)
class Cost:
    """What the server says of one statement."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def connected(stack: Stack, database: str) -> Client:
    url = urlsplit(stack.settings().clickhouse_url)
    return clickhouse_connect.get_client(
        host=url.hostname or "", port=url.port or 0, username="admin", password=stack.admin_password(),
        database=database, send_receive_timeout=2_000,
    )  # fmt: skip


def run(client: Client, sql: str, settings: Mapping[str, Any] = SETTINGS) -> Cost:
    mark = uuid.uuid4().hex
    client.command(sql, settings={**settings, "log_comment": mark})
    client.command("system flush logs query_log")
    row = client.query(
        "select query_duration_ms, ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds'], "
        "memory_usage from system.query_log where type = 'QueryFinish' and log_comment = {mark:String}",
        parameters={"mark": mark},
    ).first_row
    return Cost(row[0] / 1e3, row[1] / 1e6, row[2] / 1e6)


def best(client: Client, sql: str) -> Cost:
    return min((run(client, sql) for _ in range(ROUNDS)), key=lambda one: one.cpu_seconds)


def flattening(plan: list[dict[str, str]]) -> tuple[str, str]:
    """The SELECT of the model with a plan of our own, and how the facts are laid out."""
    macros, config = Macros({"planned_properties": plan}), {}

    def remember(**given: Any) -> str:
        config.update(given)
        return ""

    # The facts hold all of it but the payload.
    sql = f"select * except (payload) from ({macros.render(MODEL.read_text(), config=remember)})"
    macros.render(FACTS.read_text().partition("\n}}")[0] + "\n}}", config=remember)
    settings = {**macros.call("packing_settings"), **config["settings"]}
    layout = (
        f"engine = MergeTree partition by {config['partition_by']} order by ({', '.join(config['order_by'])}) "
        f"settings {macros.call('setting_list', settings)}"
    )
    return sql, layout


def prepare(client: Client, events: int, *, big: bool, sparse: bool) -> None:
    client.command("drop table if exists raw_events sync")
    ddl = (PROJECT_DIR / "loaders/sql/0001_events.sql").read_text()
    client.command(ddl.format(database=client.database).replace(f"{client.database}.events", "raw_events"))
    for first in range(0, events, SLICE):
        rows = made_rows(first, min(SLICE, events - first), big=big, sparse=sparse)
        client.command(f"insert into raw_events (topic, generation, partition, offset, payload, loaded_at) {rows}")
    client.command("optimize table raw_events final")


def lists(client: Client) -> None:
    """The seeds and models that the SELECT looks up."""
    client.command("create table guarded_identifiers (identifier String) engine = Memory as select 'guest'")
    client.command(
        "create table channel_rules (what String, name String, value String) engine = MergeTree order by what"
    )
    rows = (PROJECT_DIR / "seeds/channel_rules.csv").read_text()
    client.raw_insert("channel_rules", insert_block=rows, fmt="CSVWithNames")
    client.command(
        "create table stg_raw__event_copies (lane LowCardinality(String), topic LowCardinality(String), "
        "generation UInt32, partition UInt32, offset Int64, replay_seq UInt64) engine = Memory"
    )


def flatten(client: Client, plan: list[dict[str, str]]) -> Cost:
    sql, layout = flattening(plan)
    client.command("drop table if exists facts sync")
    client.command(f"create table facts {layout} empty as {sql}")
    return run(client, f"insert into facts {sql}")


def reads(client: Client, big: bool) -> dict[str, tuple[Cost, Cost]]:
    """A free property as text and as a number: through the macros, and by JSONExtract over the payload."""
    macros = Macros({"planned_properties": PLAN})
    call = macros.call("common_arguments", "trends", {"events": "facts"})

    def compiled(expression: str) -> str:
        return str(macros.call("compile_expression", call, "x", expression))

    payload = "JSONExtract{}(payload, 'properties', '{}')"
    pairs = {
        "text": (
            f"countIf({compiled('properties.tier')} = 'pro')",
            f"countIf({payload.format('String', 'tier')} = 'pro')",
        ),
        "number": (f"sum({compiled('number(properties.results)')})", f"sum({payload.format('Float', 'results')})"),
    }  # fmt: skip
    for facts, raw in pairs.values():
        ours, theirs = (
            client.query(f"select {one} from {of}").first_row for one, of in ((facts, "facts"), (raw, "raw_events"))
        )
        assert ours == theirs, (ours, theirs)
    return {
        name: (best(client, f"select {facts} from facts"), best(client, f"select {raw} from raw_events"))
        for name, (facts, raw) in pairs.items()
    }


def bytes_per_event(client: Client, table: str, events: int) -> dict[str, float]:
    client.command(f"optimize table {table} final")
    rows = client.query(
        "select column, sum(column_data_compressed_bytes) from system.parts_columns "
        "where active and database = currentDatabase() and table = {table:String} group by column order by 2 desc",
        parameters={"table": table},
    ).result_rows
    return {column: size / events for column, size in rows}


def gzipped(client: Client) -> tuple[float, float]:
    """Bytes an event of the raw JSON as lines, plain and under `gzip -6`, of the first 200,000."""
    texts = [row[0] for row in client.query("select payload from raw_events limit 200000").result_rows]
    lines = "".join(text + "\n" for text in texts).encode()
    return len(lines) / len(texts), len(gzip.compress(lines, 6)) / len(texts)


def measure(client: Client, console: Console, events: int, *, big: bool, sparse: bool) -> dict[str, Any]:
    plan = LARGE_PLAN if sparse else PLAN
    prepare(client, events, big=big, sparse=sparse)
    plain, packed = gzipped(client)
    cost = flatten(client, plan)
    rate = events / cost.cpu_seconds
    console.print(
        f"[bold]{plain:.0f} B an event, {len(plan)} planned columns[/]: {rate:,.0f} events/s/core, "
        f"so {2 * rate:,.0f} on two; {events / cost.seconds:,.0f} events/s as it went, {cost.peak_mb:,.0f} MB"
    )
    figures: dict[str, Any] = {"bytes": plain, "planned": len(plan), "flatten": asdict(cost), "rate": rate}
    if sparse:
        return figures
    facts, raw = bytes_per_event(client, "facts", events), bytes_per_event(client, "raw_events", events)
    # Those of fct_events: where a record came from stays in raw.
    facts = {column: size for column, size in facts.items() if column not in COORDINATES}
    total = sum(facts.values()) + raw["payload"]
    console.print(
        f"  gzip -6 {packed:.1f} B, payload {raw['payload']:.1f}, facts {sum(facts.values()):.1f}: "
        f"{total / packed:.2f} times gzip; "
        + ", ".join(f"{column} {size:.1f}" for column, size in list(facts.items())[:8])
    )
    figures |= {"gzip": packed, "facts": facts, "raw": raw, "reads": {}}
    for name, (ours, theirs) in reads(client, big).items():
        ratio = theirs.cpu_seconds / ours.cpu_seconds
        console.print(
            f"  a free property as {name}: {events / ours.cpu_seconds / 1e6:.1f} M/s/core, payload "
            f"{events / theirs.cpu_seconds / 1e6:.2f}: {ratio:.1f} times"
        )
        figures["reads"][name] = ratio
    return figures


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    console, folder = Console(width=140), Path(tempfile.mkdtemp(prefix="throughline-bench-"))
    os.environ.setdefault("THROUGHLINE_CLICKHOUSE_MEMORY", "8000000000")
    stack = Stack(folder)
    try:
        stack.up(kafka=False)
        connected(stack, "default").command("create database flatten")
        client = connected(stack, "flatten")
        lists(client)
        console.print(f"{events:,} events, {os.cpu_count()} CPUs, load {os.getloadavg()[1]:.1f}")
        results = [
            measure(client, console, events, big=False, sparse=False),
            measure(client, console, events, big=True, sparse=False),
            measure(client, console, max(1, events // 10), big=False, sparse=True),
        ]
        console.print_json(json.dumps({"events": events, "load": os.getloadavg()[1], "results": results}))
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
