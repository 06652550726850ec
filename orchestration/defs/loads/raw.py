"""Kafka into raw: one consumer loop fills all tables, so they are one multi-asset."""

from collections.abc import Iterator

import dagster as dg

from loaders.settings import load_settings
from orchestration.lib.alone import alone
from orchestration.lib.metadata import metadata_of
from orchestration.lib.streams import OWNERS, STREAMS, raw_key, topic_key

TABLES = {
    "events": "One row per record of the events topics, usable or not, with its bytes and Kafka coordinates.",
    "identities": "One row per record of the identities topics, usable or not, with its bytes and Kafka coordinates.",
    "people": "One row per record of the people topics, usable or not, with its bytes and Kafka coordinates.",
    "sideline": "One row per record that could not be used: its coordinates, bytes, reason and state.",
    "load_ranges": "One row per topic-partition of each landed batch: the offsets that it covered.",
}


def raw_tables() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            raw_key(table),
            deps=[topic_key(stream) for stream in ([table] if table in STREAMS else STREAMS)],
            description=description,
            group_name="raw",
            owners=OWNERS,
            kinds={"clickhouse", "python"},
        )
        for table, description in TABLES.items()
    ]


@dg.multi_asset(specs=raw_tables(), pool="loads")
def load_topics(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Load what the topics held when the run began. Run again, or beside a following loader, it lands nothing twice."""
    # Imported here: the code server needs neither Kafka's client nor the warehouse's.
    from loaders.run import load_until_caught_up

    from loaders.warehouse import connect

    settings = load_settings()
    with alone(lambda: connect(settings), settings.raw_database, "loads", holder=f"run {context.run_id}"):
        summary = load_until_caught_up(settings)
    context.log.info(f"{summary.consumed} records in {summary.seconds:.1f} s, {summary.sidelined} of them sidelined")
    for spec in raw_tables():
        yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata_of(summary))
