"""Lands payloads as the loaders do, without Kafka: straight into the raw tables, all of them usable."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from clickhouse_connect.driver.client import Client

STREAMS = ("events", "identities", "people")
COLUMNS = ["topic", "partition", "offset", "payload", "check_version", "lane", "replay_seq", "loaded_at"]
UNSAID = datetime.fromtimestamp(0, UTC)


def land(
    client: Client,
    database: str,
    payloads: Mapping[str, Iterable[Mapping[str, Any] | str]],
    *,
    lane: Literal["live", "replay"] = "live",
    skip: int = 0,
    partitions: int = 1,
    loaded_at: datetime = UNSAID,
) -> None:
    """Append the payloads of each stream in their order, `skip` offsets further on. A text is the payload's bytes.

    Partitions take turns; an offset is of one of them only.
    """
    for stream, of_stream in payloads.items():
        [(landed,)] = client.query(f"SELECT count() FROM {database}.{stream}").result_rows
        texts = [payload if isinstance(payload, str) else json.dumps(payload) for payload in of_stream]
        replayed = 1 if lane == "replay" else 0
        rows = [
            [stream, offset % partitions, offset, text, 1, lane, replayed * (offset + 1), loaded_at]
            for offset, text in enumerate(texts, start=landed + skip)
        ]
        if rows:
            client.insert(stream, rows, database=database, column_names=COLUMNS)
