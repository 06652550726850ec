"""What loaders that follow as services have landed since the last look, told as Dagster tells of a load."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import dagster as dg

from loaders.settings import Settings
from loaders.warehouse import Warehouse, connect
from orchestration.lib.streams import STREAMS, raw_key

# Batches of the last seconds may still be on their way into the ledger.
SETTLED_SECONDS: Final = 5


@dataclass(frozen=True)
class Landed:
    """What batches of one stream have brought."""

    stream: str
    batches: int
    usable: int
    sidelined: int
    last_at: datetime


def landed_since(warehouse: Warehouse, since: datetime) -> list[Landed]:
    # Not `final`, which would look through all ranges: one that was written twice was so within moments.
    rows = warehouse.rows(
        "select stream, count(), sum(usable), sum(sidelined), max(recorded_at) "
        f"from (select * from {warehouse.database}.load_ranges where kind in ('landed', 'repaired') "
        "and recorded_at > fromUnixTimestamp64Milli(%(since)s, 'UTC') "
        f"and recorded_at < now64(3) - interval {SETTLED_SECONDS} second "
        "limit 1 by topic, generation, partition, first, last, kind) group by stream order by stream",
        {"since": int(since.timestamp() * 1000)},
    )
    return [Landed(*row) for row in rows]


def landed_so_far(settings: Settings) -> str:
    """A mark that changes with each record that lands, live or replayed; '' while nothing ever has."""
    client = connect(settings)
    try:
        rows = client.query(
            "select name, total_rows from system.tables where database = %(database)s and name in %(streams)s"
            " and total_rows > 0 order by name",
            {"database": settings.raw_database, "streams": STREAMS},
        ).result_rows
    finally:
        client.close()
    return " ".join(f"{name}:{rows}" for name, rows in rows)


def materializations(landed: Sequence[Landed]) -> Iterator[dg.AssetMaterialization]:
    """One per raw table that got records, and for the tables that all streams share."""
    for one in landed:
        if one.stream in STREAMS:
            yield _told(one.stream, [one])
    if landed:
        yield _told("load_ranges", landed)
        yield _told("sideline", landed)


def _told(table: str, landed: Sequence[Landed]) -> dg.AssetMaterialization:
    usable, sidelined = sum(one.usable for one in landed), sum(one.sidelined for one in landed)
    return dg.AssetMaterialization(
        raw_key(table),
        metadata={
            "consumed": usable + sidelined,
            "usable": usable,
            "sidelined": sidelined,
            "batches": sum(one.batches for one in landed),
        },
    )
