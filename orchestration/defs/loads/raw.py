"""Kafka into raw: one consumer loop fills all tables, so they are one multi-asset."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from loaders.settings import load_settings
from orchestration.lib.holders import alone_as_run
from orchestration.lib.loads import table_metadata
from orchestration.lib.streams import OWNERS, STREAMS, raw_key, topic_key

RECORDS = "One row per record of its topics, usable or not: the bytes as they came, where they came from, the verdict."

TABLES = {
    **{stream: (RECORDS, [topic_key(stream)]) for stream in STREAMS},
    "sideline": (
        "One row per record that could not be used: its coordinates, bytes, reason and state.",
        [raw_key(stream) for stream in STREAMS],
    ),
    "load_ranges": (
        "One row per batch and topic-partition: the offsets that it covered, and what became of them.",
        [topic_key(stream) for stream in STREAMS],
    ),
}


def raw_tables() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            raw_key(table),
            deps=deps,
            description=description,
            group_name="raw",
            owners=OWNERS,
            kinds={"clickhouse", "python"},
            # Loads come each minute; a producer that is silent does not make them late.
            freshness_policy=dg.FreshnessPolicy.time_window(timedelta(minutes=10), warn_window=timedelta(minutes=5)),
        )
        for table, (description, deps) in TABLES.items()
    ]


@dg.multi_asset(specs=raw_tables(), pool="loads")
def load_topics(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Load what the topics hold when the run begins. Run again, it lands nothing twice.

    It takes the partitions over from a loader that follows as a service, which ends then: use the one or the other.
    """
    # Imported here: the code server needs neither Kafka's client nor the warehouse's.
    from loaders.run import load_until_caught_up
    from loaders.warehouse import connect

    settings = load_settings()
    with alone_as_run(context, connect, settings, settings.raw_database, "loads"):
        summary = load_until_caught_up(settings)
    context.log.info(f"{summary.consumed} records in {summary.seconds:.1f} s, {summary.sidelined} of them sidelined")
    for table in TABLES:
        yield dg.MaterializeResult(asset_key=raw_key(table), metadata=table_metadata(table, summary, settings))
