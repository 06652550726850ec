"""The three streams, and the asset keys of their topics and tables. dbt's sources have the same keys."""

from typing import Final

import dagster as dg

STREAMS: Final = ("events", "identities", "people")

OWNERS: Final = ["team:data-platform"]
MODEL_OWNERS: Final = ["team:analytics"]


def topic_key(stream: str) -> dg.AssetKey:
    return dg.AssetKey(["kafka", stream])


def raw_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", table])
