"""Topics full of events, for the sides of the benchmark to read."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    """The n-th event, of just about this size, as web clients send it: few properties at 250 B, twenty at 1 kB."""
    envelope = {
        "event_id": f"{number:032x}", "event": "view_item", "timestamp": "2026-08-01T09:30:00.123Z",
        "project_id": "default", "device_id": f"d{number % 20_000}", "session_id": f"s{number % 90_000}",
    }  # fmt: skip
    parts, left = [], size - len(json.dumps(envelope)) - len(', "properties": {}')
    for name, value in properties(number):
        part = f"{json.dumps(name)}: {json.dumps(value)}"
        if len(part) + 2 <= left:
            parts.append(part)
            left -= len(part) + 2
    return f'{json.dumps(envelope)[:-1]}, "properties": {{{", ".join(parts)}}}}}'.encode()


def properties(number: int) -> Iterator[tuple[str, Any]]:
    """What the page knows, then what the shop adds, until there is no room for more."""
    token = hashlib.blake2b(number.to_bytes(8), digest_size=32).hexdigest()
    yield "page", f"/item/{number % 300}"
    yield "value", number % 9_973 / 100
    yield "currency", "EUR"
    yield "quantity", number % 5
    yield "url", f"https://shop.example.com/item/{number % 300}?utm_source=mail&utm_campaign=week-{number % 52}"
    yield "referrer", f"https://www.example.org/search?q={token[:8]}"
    yield (
        "user_agent",
        f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{100 + number % 40}.0.0.0 Safari/537.36",
    )
    yield "screen", {"width": 1_280 + number % 5 * 160, "height": 720 + number % 4 * 180, "density": 1.25}
    yield "locale", ("de-DE", "en-GB", "fr-FR")[number % 3]
    yield "is_logged_in", number % 3 == 0
    yield (
        "item",
        {"sku": token[8:20], "name": f"Lamp {number % 300}", "price": number % 9_973 / 100, "stock": number % 77},
    )
    yield "experiments", [f"checkout-{number % 4}", f"search-{number % 7}"]
    for place in range(20, 64, 8):
        yield f"attribute_{place}", token[place : place + 8]
        yield f"measure_{place}", (number * place) % 100_003


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
