"""Partitions that have come to rest in many parts: nothing lands in them any more, and ClickHouse leaves them so."""

from collections.abc import Collection
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client

from orchestration.lib.versioned_models import VersionedModel

# A run that closes rows waits for merges of the table: for this one some minutes.
MOST_BYTES: Final = 2 * 1024**3


class Fragmented(NamedTuple):
    database: str
    table: str
    partition_id: str
    parts: int


def fragmented_partitions(
    client: Client, databases: Collection[str], marts: str, models: Collection[VersionedModel], parts: int
) -> list[Fragmented]:
    """Those in at least so many parts that did not grow for a day, the worst first.

    A mutation makes each part of its table anew, so of the tables of models, in which runs close rows, it is the runs
    of their rows that tell when a partition grew. Of these a partition is left as it is that takes minutes to merge.
    """
    tables = {model.table for model in models}
    rows = client.query(
        "select database, table, partition_id, count() as parts,"
        " max(modification_time) < now() - interval 1 day as is_old, sum(bytes_on_disk) as bytes"
        " from system.parts where active and database in {databases:Array(String)}"
        " group by database, table, partition_id having parts >= {parts:UInt64} order by parts desc",
        parameters={"databases": list(databases), "parts": parts},
    ).result_rows
    return [
        Fragmented(database, table, partition_id, count)
        for database, table, partition_id, count, is_old, size in rows
        if (
            size <= MOST_BYTES and not _grew(client, marts, place, partition_id)
            if (place := f"{database}.{table}") in tables
            else is_old
        )
    ]


def merge(client: Client, fragmented: Fragmented) -> None:
    client.command(
        f"optimize table {fragmented.database}.{fragmented.table} partition id '{fragmented.partition_id}' final"
    )


def _grew(client: Client, marts: str, table: str, partition_id: str) -> bool:
    """Whether a run of the last day wrote rows of the partition."""
    return bool(
        client.query(
            f"select 1 from {table} where _partition_id = {{partition:String}} and run >"
            f" (select max(run) from {marts}.runs where started_at < now64(3) - interval 1 day) limit 1",
            parameters={"partition": partition_id},
        ).result_rows
    )
