"""Deletes rows by mutations, which write parts of a table anew."""

from clickhouse_connect.driver.client import Client


def delete_rows(client: Client, table: str, where: str, partition_id: str = "") -> bool:
    """Delete rows and wait for it, which takes as long as the client lets it; whether it was done.

    It is not while an earlier mutation of the table is under way: that of a run that died goes on without it, and the
    same once more would write the same parts twice.
    """
    if _is_being_mutated(client, table):
        return False
    partition = f" in partition id '{partition_id}'" if partition_id else ""
    client.command(f"alter table {table} delete{partition} where {where} settings mutations_sync = 1")
    return True


def _is_being_mutated(client: Client, table: str) -> bool:
    return bool(
        client.query(
            "select 1 from system.mutations where database || '.' || table = {table:String} and not is_done limit 1",
            parameters={"table": table},
        ).result_rows
    )
