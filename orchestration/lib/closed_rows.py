"""Removes row versions that were replaced and that no model has to read any more (docs/incremental.md)."""

from collections.abc import Collection, Iterator
from typing import Final

from clickhouse_connect.driver.client import Client

from orchestration.lib.attempts import all_attempted
from orchestration.lib.mutations import delete_rows
from orchestration.lib.versioned_models import VersionedModel, last_run_of_all, note_removal

# A partition is written anew without them, so it has to have many.
LEAST_SHARE: Final = 0.2


def remove_closed_rows(
    client: Client, marts: str, models: Collection[VersionedModel], least_share: float = LEAST_SHARE
) -> dict[str, int]:
    """Rows removed, by table: those that were closed up to the last run that every model has finished.

    A model asks what came and went since it last finished, and readers see at least that state, so nobody looks for a
    row that was closed before. A model that was not built for long holds the others' rows back. One that is none of
    these is built whole when it is back. Raises `PartsFailedError` once all partitions were tried.
    """
    if not client.command(f"exists table {marts}.run_removals"):
        return {}
    # Whoever never finished is built whole.
    until = last_run_of_all(client, marts, models)
    removed: dict[str, int] = {}
    with all_attempted() as attempt:
        for model in models:
            if model.keeps_history or not client.command(f"exists table {model.table}"):
                continue
            for partition, rows in _partitions(client, model.table, until, least_share):
                with attempt(f"{model.table}, partition {partition}"):
                    if not removed:
                        note_removal(client, marts, until)
                    if delete_rows(client, model.table, f"closed > 0 and closed <= {until}", partition):
                        removed[model.table] = removed.get(model.table, 0) + rows
    return removed


def _partitions(client: Client, table: str, until: int, least_share: float) -> Iterator[tuple[str, int]]:
    for partition, rows in client.query(
        f"select _partition_id, countIf(closed > 0 and closed <= {until}) as removable from {table}"
        f" group by _partition_id having removable > {least_share} * count() order by removable desc"
    ).result_rows:
        yield str(partition), int(rows)
