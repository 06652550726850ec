"""What a model cost in a run, as the warehouse's own log tells it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import dagster as dg
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

SHOWN_QUERIES: Final = 20
logger = logging.getLogger("throughline.cost")

# dbt puts `"node": …, "run": …` before each query: query-comment of dbt_project.yml.
_COST: Final = f"""
select
    count() as queries,
    sum(read_rows) as rows_read,
    sum(read_bytes) as bytes_read,
    sum(written_rows) as rows_written,
    sum(query_duration_ms) / 1000 as query_seconds,
    sum(ProfileEvents['OSCPUVirtualTimeMicroseconds']) / 1e6 as cpu_seconds,
    max(memory_usage) as peak_memory_bytes,
    arraySlice(groupArray(query_id), 1, {SHOWN_QUERIES}) as query_ids
from system.query_log
where
    event_date >= toDate(toDateTime(%(since)s))
    and event_time >= toDateTime(%(since)s)
    and type = 'QueryFinish'
    and position(query, %(node)s) > 0
    and position(query, %(run)s) > 0
"""


@dataclass(frozen=True)
class Cost:
    """The queries of one model in one run, summed; memory is that of the largest."""

    queries: int
    rows_read: int
    bytes_read: int
    rows_written: int
    query_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    query_ids: list[str]

    def as_metadata(self) -> Mapping[str, Any]:
        """Numbers, which Dagster draws over time on the asset's page, and the ids to look queries up by."""
        numbers = {name: value for name, value in vars(self).items() if name != "query_ids"}
        return {**numbers, "query_ids": dg.MetadataValue.json(self.query_ids)}


def cost_metadata(client: Client, *, node: str, run: str, since: int) -> Mapping[str, Any]:
    """The cost of a node's queries since a second of the server's clock (`now_of`), in a run's lock.

    Nothing where the log does not answer: what was built stands all the same.
    """
    parameters = {"node": f'"node": "{node}"', "run": f'"run": "{run}"', "since": since}
    try:
        client.command("system flush logs query_log")
        [row] = client.query(_COST, parameters=parameters).result_rows
    except ClickHouseError as error:
        logger.warning("what %s cost is not known: %s", node, error)
        return {}
    return Cost(*row).as_metadata()


def now_of(client: Client) -> int:
    """Seconds since 1970 on the server's clock, by which its log goes."""
    return int(client.command("select toUnixTimestamp(now())"))  # type: ignore[arg-type]
