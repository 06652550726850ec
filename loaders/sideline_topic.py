"""The sideline topic: a copy of the unusable records for whoever watches Kafka. The table is the truth.

It is derived from the rows, at least once: what a death kept from being sent is sent when its partition is next taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from loaders.claims import quoted
from loaders.failpoints import failpoint
from loaders.header_names import header_name
from loaders.records import Header, Partition
from loaders.streams import SIDELINE_SUFFIX, Stream
from loaders.warehouse import Warehouse

PAGE = 500


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
    """Sends what was not sent yet, in the order of offsets."""

    warehouse: Warehouse
    publisher: Publisher

    def catch_up(self, stream: Stream, generation: int, partition: Partition) -> int:
        """Send the unusable records of a partition past the last one that was sent; returns how many they were."""
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
            self.publisher.publish([message(partition, generation, row) for row in rows])
            failpoint("in_sideline")
            last, sent = rows[-1][0], sent + len(rows)
            self.warehouse.execute(
                f"insert into {database}.sideline_published (topic, generation, partition, offset)"
                f" values ({quoted(partition.topic)}, {generation}, {partition.number}, {last})"
            )


def message(partition: Partition, generation: int, row: Sequence[Any]) -> Message:
    """The message of an unusable row: its own headers, then Kafka Connect's for records that failed."""
    offset, payload, headers, error_class, reason, check_version = row
    context: tuple[Header, ...] = (
        ("__connect.errors.topic", partition.topic.encode()),
        ("__connect.errors.partition", str(partition.number).encode()),
        ("__connect.errors.offset", str(offset).encode()),
        ("__connect.errors.connector.name", b"throughline"),
        ("__connect.errors.stage", b"check"),
        ("__connect.errors.exception.class.name", error_class.encode()),
        ("__connect.errors.exception.message", reason.encode()),
        ("throughline.generation", str(generation).encode()),
        ("throughline.check_version", str(check_version).encode()),
    )
    own = tuple(
        (header_name(bytes.fromhex(name)), None if value is None else bytes.fromhex(value)) for name, value in headers
    )
    key = f"{partition.topic}/{generation}/{partition.number}/{offset}".encode()
    return Message(partition.topic + SIDELINE_SUFFIX, key, bytes.fromhex(payload), (*own, *context))
