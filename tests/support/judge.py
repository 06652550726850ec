"""Runs the check of the loaders over payloads, without landing them."""

from collections.abc import Sequence

from loaders.check import with_clause
from loaders.streams import Stream
from loaders.warehouse import ClickHouse

# 2026-01-20, as Kafka's time of each record.
KAFKA_MS = 1_768_867_200_000


def judge(
    warehouse: ClickHouse,
    stream: Stream,
    payloads: Sequence[bytes],
    *,
    kafka_ms: int = KAFKA_MS,
    max_bytes: int = 1 << 20,
) -> list[tuple[str, str]]:
    """(error class, reason) of each payload."""
    table = f"{warehouse.database}.judged"
    warehouse.execute(f"create table if not exists {table} (number UInt32, payload String) engine = Memory")
    warehouse.execute(f"truncate table {table}")
    for start in range(0, len(payloads), 500):
        values = ", ".join(
            f"({start + place}, unhex('{payload.hex()}'))"
            for place, payload in enumerate(payloads[start : start + 500])
        )
        warehouse.execute(f"insert into {table} values {values}")
    rows = warehouse.rows(
        f"{with_clause(stream, max_bytes=max_bytes)}\n"
        "select error_classes[verdict], error_reasons[verdict] from"
        f" (select number, payload, toInt64({kafka_ms}) as kafka_ms from {table}) order by number"
        " settings short_circuit_function_evaluation = 'disable', max_query_size = 10000000"
    )
    return [(error_class, reason) for error_class, reason in rows]
