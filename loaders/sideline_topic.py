"""The sideline topic: a copy of the unusable records for whoever watches Kafka. The table is the truth.

What has just landed is sent from memory, and a mark in `raw.sideline_published` follows seldom. Whoever takes a
partition sends what stands unusable past its mark: so each one is sent at least once, whatever died before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, Protocol

from loaders.check import CHECK_VERSION
from loaders.claims import quoted
from loaders.failpoints import failpoint
from loaders.header_names import header_name
from loaders.landing import Refusal
from loaders.records import Header, Partition, Run
from loaders.streams import SIDELINE_SUFFIX, Stream
from loaders.warehouse import Warehouse

PAGE = 500
# After a death what was sent since the last mark is sent again.
MARK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Message:
    """A record of a sideline topic."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[Header, ...]


class Publisher(Protocol):
    """Sends messages."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Return when all brokers that must have the messages have them. Raises `BrokerError`."""


@dataclass(slots=True)
class SidelineTopics:
    """Sends what was not sent yet, in the order of offsets. The clock is handed in."""

    warehouse: Warehouse
    publisher: Publisher
    clock: Callable[[], float] = monotonic
    _sent: dict[tuple[Partition, int], int] = field(default_factory=dict)
    _marked: float = -inf

    def send(self, run: Run, refusals: Sequence[Refusal]) -> None:
        """Send the unusable records of a run that has landed, all before it being sent."""
        if not refusals:
            return
        found = run.find(refusal.offset for refusal in refusals)
        messages = [
            message(run.partition, run.generation, refusal, CHECK_VERSION, record.value, record.headers)
            for refusal, record in zip(refusals, found, strict=True)
        ]
        self._publish(run.partition, run.generation, messages, last=refusals[-1].offset)

    def mark_if_due(self) -> None:
        """Mark how far was sent, unless that was done a short while ago."""
        if self.clock() - self._marked >= MARK_SECONDS:
            self.mark()

    def mark(self) -> None:
        """Mark how far was sent. A mark that lies before another one says nothing."""
        if not self._sent:
            return
        values = ", ".join(
            f"({quoted(partition.topic)}, {generation}, {partition.number}, {offset})"
            for (partition, generation), offset in self._sent.items()
        )
        self.warehouse.execute(
            f"insert into {self.warehouse.database}.sideline_published (topic, generation, partition, offset)"
            f" values {values}"
        )
        self._sent.clear()
        self._marked = self.clock()

    def catch_up(self, stream: Stream, generation: int, partition: Partition) -> int:
        """Send the unusable rows of a partition past its mark; returns how many they were."""
        sent = 0
        where = f"topic = {quoted(partition.topic)} and generation = {generation} and partition = {partition.number}"
        database = self.warehouse.database
        done = self.warehouse.rows(f"select max(offset), count() from {database}.sideline_published where {where}")[0]
        last = done[0] if done[1] else -1
        while True:
            rows = self.warehouse.rows(
                "select offset, hex(payload), arrayMap(header -> (hex(header.name), hex(header.value)), headers),"
                " error_class, error_reason, check_version"
                f" from {database}.{stream} where {where} and lane = 'live' and error_class != '' and offset > {last}"
                f" order by topic, generation, partition, offset limit {PAGE}"
            )
            if not rows:
                return sent
            last, sent = rows[-1][0], sent + len(rows)
            messages = [_message_of_row(partition, generation, row) for row in rows]
            self._publish(partition, generation, messages, last=last)
            self.mark()

    def _publish(self, partition: Partition, generation: int, messages: Sequence[Message], *, last: int) -> None:
        self.publisher.publish(messages)
        failpoint("in_sideline")
        self._sent[partition, generation] = last


def _message_of_row(partition: Partition, generation: int, row: Sequence[Any]) -> Message:
    offset, payload, headers, error_class, reason, check_version = row
    own = [
        (header_name(bytes.fromhex(name)), None if value is None else bytes.fromhex(value)) for name, value in headers
    ]
    refusal = Refusal(offset, error_class, reason)
    return message(partition, generation, refusal, check_version, bytes.fromhex(payload), own)


def message(
    partition: Partition, generation: int, refusal: Refusal, check_version: int, value: bytes, headers: Sequence[Header]
) -> Message:
    """The message of an unusable record: its own headers, then Kafka Connect's for records that failed."""
    context: tuple[Header, ...] = (
        ("__connect.errors.topic", partition.topic.encode()),
        ("__connect.errors.partition", str(partition.number).encode()),
        ("__connect.errors.offset", str(refusal.offset).encode()),
        ("__connect.errors.connector.name", b"throughline"),
        ("__connect.errors.stage", b"check"),
        ("__connect.errors.exception.class.name", refusal.error_class.encode()),
        ("__connect.errors.exception.message", refusal.reason.encode()),
        ("throughline.generation", str(generation).encode()),
        ("throughline.check_version", str(check_version).encode()),
    )
    key = f"{partition.topic}/{generation}/{partition.number}/{refusal.offset}".encode()
    return Message(partition.topic + SIDELINE_SUFFIX, key, value, (*headers, *context))
