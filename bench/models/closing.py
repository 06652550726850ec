"""Measures what closing a few rows costs beside a long history, by mutations and by what could take their place.

    .venv/bin/python -m bench.models.closing [weeks] [rows of a week] [rows to close]

A table is laid out as the facts are: a partition a week, four parts each, ordered by identifier and time, 40 columns
more. Rows of the last week are closed by keys of more columns and of fewer, in the partition that has them only, and
by their places there, as a run closes them. Another table takes the engine's lightweight update, which writes a patch
and no part anew.
"""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from bench.support.cost import cpu_of, query_cost
from bench.support.warehouse import BenchWarehouse, open_bench

PARTS_A_WEEK = 4
KEY = "project_id, identifier_key, occurred_at, event_id, client_timestamp"
KEYS = {
    "a key with its project": KEY,
    "one without it": KEY.removeprefix("project_id, "),
    "a key without the event's id": "identifier_key, occurred_at",
}
# As `macros/materializations/versioned.sql` has it.
BY_PLACES = """
    _part in (select part from {keys}) and _part_offset in (select part_offset from {keys})
    and (toLowCardinality(_part), _part_offset) in (select toLowCardinality(part), part_offset from {keys})
"""
ITS_WEEK = "in partition '{week}'"
READS = {"that stand": "closed = 0", "that changed": "run > 4 or closed > 4"}
BLOCKS = ", enable_block_number_column = 1, enable_block_offset_column = 1"
ROUNDS = 3


@dataclass(frozen=True)
class Closing:
    """CPU-seconds of the server and seconds; then CPU-seconds of a count of rows that stand, and that changed."""

    way: str
    cpu: float
    seconds: float
    reads: Sequence[float]


class Facts:
    def __init__(self, bench: BenchWarehouse, name: str, settings: str = "") -> None:
        marts = bench.settings.marts_database
        self.table, self._keys, self._runs = f"{marts}.{name}", f"{marts}.closing", f"{marts}.runs"
        self._bench, self._run, self._settings = bench, 5, settings

    def make(self, weeks: int, rows: int) -> None:
        columns = ", ".join(f"c{nth} LowCardinality(String)" for nth in range(40))
        self._bench.client.command(f"""
            create table {self.table} (
                project_id String, identifier_key UInt64, occurred_at DateTime64(3, 'UTC') codec(T64, LZ4),
                event_id String, client_timestamp DateTime64(3, 'UTC') codec(T64, LZ4), {columns},
                run UInt64, closed UInt64, index run_range run type minmax granularity 1,
                index closed_range closed type minmax granularity 1
            ) engine = MergeTree partition by toMonday(occurred_at)
            order by (project_id, identifier_key, occurred_at, event_id)
            settings index_granularity = 1024, min_bytes_for_wide_part = 0, auto_statistics_types = '',
                default_compression_codec = 'ZSTD(1)', string_serialization_version = 'single_stream' {self._settings}
        """)
        # As parts of some size stay apart.
        self._bench.client.command(f"system stop merges {self.table}")
        for week in range(weeks):
            for part in range(PARTS_A_WEEK):
                self._bench.client.command(f"""
                    insert into {self.table}
                    select
                        'default', sipHash64(number % {max(1, rows // 40)}),
                        toDateTime64('2024-01-01 00:00:00', 3, 'UTC') + interval {week} week
                            + toIntervalMillisecond(intDiv(number * 604800000, {rows})) as at,
                        lower(hex(sipHash128(number, {week}))), at,
                        {", ".join("''" for _ in range(40))}, 0, 0
                    from numbers({part}, {rows - part}, {PARTS_A_WEEK})
                """)
        self._bench.client.command(f"system start merges {self.table}")

    def closing(self, way: str, statement: str, count: int) -> Closing:
        """Close so many rows of the last week by a statement with `{run}`, `{runs}`, `{keys}` and `{week}`."""
        client, self._run = self._bench.client, self._run + 1
        week = client.query(f"select toString(toMonday(max(occurred_at))) from {self.table}").first_row[0]
        client.command(f"""
            create or replace table {self._keys} engine = Memory as
            select {KEY}, _part as part, _part_offset as part_offset
            from {self.table} where closed = 0 and toMonday(occurred_at) = '{week}'
            order by cityHash64(event_id) limit {count}
        """)
        client.command(f"create or replace table {self._runs} engine = Memory as select {self._run} as run")
        began, before = time.monotonic(), cpu_of(self._bench.server)
        client.command(statement.format(table=self.table, run=self._run, runs=self._runs, keys=self._keys, week=week))
        seconds = time.monotonic() - began
        cpu = cpu_of(self._bench.server) - before
        reads = [
            query_cost(client, f"select count(), max(event_id) from {self.table} where {rows}", rounds=ROUNDS)
            for rows in READS.values()
        ]
        return Closing(way, cpu, seconds, reads)


def by_keys(keys: str) -> str:
    return f"closed = 0 and run < {{run}} and ({keys}) in (select {keys} from {{keys}})"


def closed(rows: str, where: str = "") -> str:
    return (
        f"alter table {{table}} update closed = {{run}} {where} where {rows}"
        " and (select max(run) from {runs}) = {run} settings mutations_sync = 1"
    )


def main(weeks: int = 104, rows: int = 200_000, count: int = 1000) -> None:
    console = Console(width=120)
    with open_bench() as bench:
        facts, patched = Facts(bench, "mutated"), Facts(bench, "patched", BLOCKS)
        for table in (facts, patched):
            table.make(weeks, rows)
        found = [facts.closing(way, closed(by_keys(keys)), count) for way, keys in KEYS.items()]
        found += [
            facts.closing(
                "one without the project, in its week", closed(by_keys(KEYS["one without it"]), ITS_WEEK), count
            ),
            facts.closing("their places in that week, as facts are closed", closed(BY_PLACES, ITS_WEEK), count),
        ]
        found.append(
            patched.closing(
                "a lightweight update",
                f"""
            update {{table}} set closed = {{run}}
            where closed = 0 and ({KEY}) in (select {KEY} from {{keys}})
        """,
                count,
            )
        )
        bench.keep("closing", {"weeks": weeks, "rows": rows, "closings": [asdict(each) for each in found]})
    table = Table(
        f"{count:,} rows are closed by", "CPU-seconds", "seconds", *(f"a count of those {rows}" for rows in READS),
        title=f"{weeks} weeks of {rows:,} rows in {PARTS_A_WEEK} parts, {os.cpu_count()} CPUs",
    )  # fmt: skip
    for each in found:
        table.add_row(each.way, f"{each.cpu:.2f}", f"{each.seconds:.2f}", *(f"{cpu:.3f}" for cpu in each.reads))
    console.print(table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
