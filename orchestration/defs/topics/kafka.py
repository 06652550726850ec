"""The Kafka topics: not made here, but where the graph begins."""

import dagster as dg

from orchestration.lib.streams import OWNERS, STREAMS, topic_key

RECORDS = {
    "events": "What people did, as their devices and backends sent it.",
    "identities": "Who is who: identify, alias, merge, unmerge, reset.",
    "people": "Properties of persons: set, set once, increment, unset, delete.",
}

kafka_topics = [
    dg.AssetSpec(
        topic_key(stream),
        description=(
            f"One record per message of the stream `{stream}`. {RECORDS[stream]} "
            f"The topic's name, or a pattern of names, is `THROUGHLINE_TOPICS_{stream.upper()}` (default `{stream}`)."
        ),
        group_name="topics",
        owners=OWNERS,
        kinds={"kafka"},
    )
    for stream in STREAMS
]
