"""What lies on the disk, against the raw JSON under `gzip -6`."""

import zlib
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

SAMPLE = 100_000


@dataclass(frozen=True)
class Storage:
    """Bytes per event of the raw table, of the models, of all event ids, and of the JSON lines under gzip."""

    gzip: float
    raw: float
    models: dict[str, float]
    event_ids: float

    @property
    def ratio(self) -> float:
        return (self.raw + sum(self.models.values())) / self.gzip


def storage(client: Client, events: int, raw: str, databases: list[str]) -> Storage:
    lines = client.query(f"select payload from {raw}.events limit {SAMPLE}").result_rows
    packed = len(zlib.compress("\n".join(line for (line,) in lines).encode(), 6)) / len(lines)
    sizes = client.query(
        "select database, table, sum(bytes_on_disk) from system.parts where active"
        " and database in {databases:Array(String)} group by database, table order by 3 desc",
        parameters={"databases": [raw, *databases]},
    ).result_rows
    ids = client.query(
        "select sum(column_bytes_on_disk) from system.parts_columns where active and column = 'event_id'"
        " and database in {databases:Array(String)}",
        parameters={"databases": databases},
    ).first_row[0]
    return Storage(
        packed,
        sum(size for database, _, size in sizes if database == raw) / events,
        {table: size / events for database, table, size in sizes if database != raw},
        ids / events,
    )
