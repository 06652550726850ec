"""Which sidelined records a run means, and what it tells of those that landed."""

from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from loaders.errors import ThroughlineError
from loaders.sideline import Selection
from loaders.warehouse import Warehouse

SHOWN = 20


class SelectionConfig(dg.Config):
    """The launchpad's fields. Empty means all."""

    error_class: str = Field(default="", description="Only records of this class, e.g. not_json_object.")
    topic: str = Field(default="", description="Only records of this topic.")
    since: str = Field(default="", description="Only first seen at or after this time (UTC), e.g. 2026-01-31T12:00.")
    until: str = Field(default="", description="Only first seen before this time (UTC).")
    partition: int | None = Field(default=None, description="Only this partition.")
    offset: int | None = Field(default=None, description="Only this offset: with topic and partition one record.")

    def selection(self) -> Selection:
        return Selection(
            error_class=self.error_class,
            topic=self.topic,
            since=_time("since", self.since),
            until=_time("until", self.until),
            partition=self.partition,
            offset=self.offset,
        )


def _time(field: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ThroughlineError(f"{field}: {text!r} is no time such as 2026-01-31T12:00") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def highest_replay(warehouse: Warehouse) -> int:
    [[highest]] = warehouse.rows(f"select max(replay_seq) from {warehouse.database}.sideline")
    return int(highest)


def landed_since(warehouse: Warehouse, replay_seq: int) -> str:
    """A table of what a retry landed: how many by topic and former error, and the first coordinates."""
    rows = warehouse.rows(
        "select topic, error_class, fix, count(), "
        f"arrayStringConcat(arraySlice(arraySort(groupArray(concat(partition, '/', offset))), 1, {SHOWN}), ', ') "
        f"from {warehouse.database}.sideline where replay_seq > {replay_seq} "
        "group by topic, error_class, fix order by count() desc, topic, error_class"
    )
    if not rows:
        return "nothing"
    lines = [f"| {topic} | {was} | {fix} | {count} | {first} |" for topic, was, fix, count, first in rows]
    return "\n".join(["| topic | was | fix | records | first (partition/offset) |", "|---|---|---|---|---|", *lines])
