"""How many rows each model has, and whether that is a surprise. Pure but for `row_counts`."""

from collections.abc import Mapping, Sequence
from typing import Final

import dagster as dg
from clickhouse_connect.driver.client import Client

# A mart loses rows when persons merge or a guard sets them aside, never so many between two looks.
LOST_SHARE: Final = 0.5
CHECK: Final = "volume"


def row_counts(client: Client, tables: Mapping[str, str]) -> dict[str, int | None]:
    """By name, the rows of `database.table`; None where it was not built yet."""
    built = {
        (database, table) for database, table in client.query("select database, name from system.tables").result_rows
    }
    there = [name for name, place in tables.items() if tuple(place.split(".")) in built]
    counts: dict[str, int | None] = dict.fromkeys(tables)
    if there:
        query = " union all ".join(f"select '{name}', count() from {tables[name]}" for name in there)
        counts.update({name: int(count) for name, count in client.query(query).result_rows})
    return counts


def judge(rows: int | None, before: int | None) -> str:
    """What is wrong with the number of rows; '' where nothing is."""
    if rows is None:
        return "not built yet" if before is None else f"gone: there were {before:,} rows"
    if before and rows < before * (1 - LOST_SHARE):
        return f"{rows:,} rows, and {before:,} at the last look"
    return ""


def counted_before(instance: dg.DagsterInstance, keys: Sequence[dg.AssetCheckKey]) -> dict[dg.AssetCheckKey, int]:
    """What the last finished look at each counted."""
    before = {}
    for key in keys:
        history = instance.event_log_storage.get_asset_check_execution_history(check_key=key, limit=5)
        counts = [
            record.evaluation.metadata["rows"].value
            for record in history
            if isinstance(record.evaluation, dg.AssetCheckEvaluation) and "rows" in record.evaluation.metadata
        ]
        if counts:
            before[key] = int(str(counts[0]))
    return before
