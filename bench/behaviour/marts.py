"""The stock marts as `versioned` lays a model out: rows with their run, read through the view of that name."""

import time
from collections.abc import Mapping
from typing import Any

from clickhouse_connect.driver.client import Client

READS = 100
SECONDS = 30

# As models/marts/engagement/int_identifier_days.sql and int_active_days.sql.
DAYS = [
    "drop table if exists identifier_days",
    """
    create table identifier_days engine = MergeTree order by (project_id, identifier_key, activity_date, segment_at) as
    select
        project_id,
        identifier_key,
        toDate(occurred_at) as activity_date,
        if(
            identifier_key in (select identifier_key from person_segments where is_shared)
            and occurred_at >= toDateTime64('2026-02-15', 3, 'UTC'),
            toDateTime64('2026-02-15', 3, 'UTC'),
            toDateTime64('1970-01-01', 3, 'UTC')
        ) as segment_at,
        min(occurred_at) as first_at
    from stored_events
    group by project_id, identifier_key, activity_date, segment_at
    """,
    "drop view if exists int_active_days",
    """
    create view int_active_days as
    select
        project_id,
        toString(identifier_key) as event_id,
        identifier_key,
        '*' as event,
        first_at as occurred_at,
        {person} as person_id
    from identifier_days
    """,
]


def lay_out(client: Client, mart: str, sql: str) -> None:
    client.command(
        "create table if not exists run_commits (model String, run UInt64) engine = MergeTree order by model"
    )
    client.command(f"insert into run_commits values ('{mart}', 1)")
    client.command(f"drop table if exists {mart}_data")
    client.command(
        f"create table {mart}_data engine = MergeTree order by project_id as "
        f"select *, toUInt64(1) as run, toUInt64(0) as closed from ({sql})"
    )
    client.command(f"""
        create or replace view {mart} as
        select * except (run, closed)
        from {mart}_data
        where
            run <= (select max(run) from run_commits where model = '{mart}')
            and (closed = 0 or closed > (select max(run) from run_commits where model = '{mart}'))
    """)


def slowest_reads(client: Client, mart: str, settings: Mapping[str, Any]) -> float:
    """95th percentile in milliseconds, as a client sees it, of reading a whole mart."""
    times: list[float] = []
    deadline = time.monotonic() + SECONDS
    while len(times) < READS and (len(times) < 20 or time.monotonic() < deadline):
        began = time.perf_counter()
        client.query(f"select * from {mart}", settings=dict(settings))
        times.append((time.perf_counter() - began) * 1e3)
    return sorted(times)[int(len(times) * 0.95) - 1]
