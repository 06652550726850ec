"""Topics full of events, for the sides of the benchmark to read."""

import json
from dataclasses import dataclass

from confluent_kafka import Producer
from kafka.admin import KafkaAdminClient

from loaders.kafka_config import connection
from loaders.settings import Settings

PARTITIONS = 4
BAD = b'{"event_id": "no event, no device"}'


@dataclass(frozen=True)
class Backlog:
    """A topic of `count` events of `size` bytes; one in `bad_every` is unusable, none if 0."""

    count: int
    size: int
    codec: str
    bad_every: int = 0

    @property
    def topic(self) -> str:
        return f"bench-{self.size}-{self.codec}-{self.bad_every}"

    @property
    def title(self) -> str:
        return f"{self.size} B, {self.codec}"


def event(number: int, size: int) -> bytes:
    """The n-th event, of just about this size."""
    envelope = {
        "event_id": f"{number:032x}", "event": "view_item", "timestamp": "2026-08-01T09:30:00.123Z",
        "project_id": "default", "device_id": f"d{number % 20_000}", "session_id": f"s{number % 90_000}",
        "properties": {"page": f"/item/{number % 300}", "value": 12.5, "nested": {"too": number}, "pad": ""},
    }  # fmt: skip
    text = json.dumps(envelope)
    pad = "x" * max(0, size - len(text))
    return text.replace('"pad": ""', f'"pad": "{pad}"').encode()


def create(settings: Settings, topic: str, *, partitions: int = PARTITIONS) -> None:
    admin = KafkaAdminClient(**connection(settings))
    admin.create_topics({topic: {"num_partitions": partitions, "replication_factor": 1}}, wait_for_metadata=True)
    admin.close()


def fill(settings: Settings, backlog: Backlog) -> None:
    """Make the topic; returns when the broker has all of it."""
    create(settings, backlog.topic)
    producer = Producer(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "compression.type": backlog.codec,
            "enable.idempotence": True,
            "linger.ms": 20,
            "batch.size": 262_144,
            "queue.buffering.max.messages": 100_000,
        }
    )
    for number in range(backlog.count):
        is_bad = backlog.bad_every and number % backlog.bad_every == backlog.bad_every // 2
        value = BAD if is_bad else event(number, backlog.size)
        while True:
            try:
                producer.produce(backlog.topic, value, partition=number % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
