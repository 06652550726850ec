"""The sideline: what is unusable, and what a person or a schedule does about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loaders.check import CHECK_VERSION
from loaders.claims import quoted
from loaders.records import Partition
from loaders.replay import MAX_ATTEMPTS, Coordinates, Pending, Replayer, RetrySummary
from loaders.schema import opened
from loaders.settings import Settings
from loaders.streams import Stream
from loaders.warehouse import Warehouse

COORDINATES = "stream, topic, generation, partition, offset"
UNDECIDED = "state in ('pending', 'dead')"
# Pauses of 1, 4, 16 and 64 hours after each attempt that failed. The dead wait for a newer check.
DUE = (
    f"(check_version < {CHECK_VERSION}"
    " or state = 'pending' and last_attempt_at + toIntervalHour(toUInt32(pow(4, attempts))) <= now64(3))"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records of the sideline are meant. Empty means all."""

    error_class: str = ""
    topic: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    partition: int | None = None
    offset: int | None = None

    def condition(self) -> str:
        """As a condition on `raw.sideline`. Times are when the record was first seen."""
        parts = [f"{name} = {quoted(value)}" for name, value in self._texts() if value]
        parts += [f"{name} = {value}" for name, value in self._numbers() if value is not None]
        if self.since is not None:
            parts.append(f"first_seen_at >= fromUnixTimestamp64Milli({_ms(self.since)}, 'UTC')")
        if self.until is not None:
            parts.append(f"first_seen_at < fromUnixTimestamp64Milli({_ms(self.until)}, 'UTC')")
        return " and ".join(parts) or "1"

    def _texts(self) -> tuple[tuple[str, str], ...]:
        return (("error_class", self.error_class), ("topic", self.topic), ("state", self.state))

    def _numbers(self) -> tuple[tuple[str, int | None], ...]:
        return (("partition", self.partition), ("offset", self.offset))


def summarize(warehouse: Warehouse, selection: Selection) -> Sequence[Any]:
    """(topic, error class, message, state, records, first seen, last seen), the most frequent first."""
    rows: Sequence[Any] = warehouse.rows(
        "select topic, error_class, error_message, state, count() as records, min(first_seen_at), max(last_seen_at)"
        f" from {warehouse.database}.sideline where {selection.condition()}"
        " group by topic, error_class, error_message, state order by records desc, topic, error_class, error_message"
    )
    return rows


def show(warehouse: Warehouse, selection: Selection, *, limit: int) -> Sequence[dict[str, Any]]:
    """Whole records, the newest first. `payload` is bytes."""
    names = (
        "topic", "generation", "partition", "offset", "state", "error_class", "error_message", "attempts", "reason",
        "fix", "first_seen_at", "last_seen_at",
    )  # fmt: skip
    rows = warehouse.rows(
        f"select {', '.join(names)}, hex(payload) from {warehouse.database}.sideline where {selection.condition()}"
        f" order by first_seen_at desc, topic, partition, offset desc limit {limit}"
    )
    return [{**dict(zip(names, row, strict=False)), "payload": bytes.fromhex(row[-1])} for row in rows]


def discard(warehouse: Warehouse, selection: Selection, *, reason: str) -> int:
    """Declare pending and dead records done with, for a reason that is kept. Returns how many."""
    where = f"{UNDECIDED} and {selection.condition()}"
    [[count]] = warehouse.rows(f"select count() from {warehouse.database}.sideline where {where}")
    warehouse.execute(
        f"insert into {warehouse.database}.sideline_log (topic, generation, partition, offset, action, reason)"
        f" select topic, generation, partition, offset, 'discard', {quoted(reason)}"
        f" from {warehouse.database}.sideline where {where}"
    )
    return int(count)


def retry_pending(
    settings: Settings, selection: Selection | None = None, *, fix: str = "", only_due: bool = True
) -> RetrySummary:
    """Land what has become usable: by a newer check, other settings, or a fix.

    A record that lands does so once. One that fails is due again after a growing pause, and dead after the last
    attempt: it is due no more until there is a newer check. What is tried due or not, or with a fix, may be dead, and
    does not count as an attempt. Two retries at once are safe: the later takes over.
    """
    where = f"{UNDECIDED} and {(selection or Selection()).condition()}"
    only_due = only_due and not fix
    if only_due:
        where += f" and {DUE}"
    with opened(settings) as warehouse:
        rows = warehouse.rows(
            f"select {COORDINATES}, length(payload), attempts from {warehouse.database}.sideline where {where}"
            f" order by {COORDINATES}"
        )
        pending = [
            Pending(Stream(stream), Coordinates(Partition(topic, number), generation, offset), size, attempts)
            for stream, topic, generation, number, offset, size, attempts in rows
        ]
        max_bytes = settings.throughline_max_record_bytes
        return Replayer(warehouse, max_bytes=max_bytes, fix=fix, does_count=only_due).replay(pending)


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)


__all__ = ["MAX_ATTEMPTS", "RetrySummary", "Selection", "discard", "retry_pending", "show", "summarize"]
