"""Topics of a test's own, and records to put into them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from loaders.kafka_config import connection
from loaders.kafka_python_headers import allow_any_header_name
from loaders.settings import Settings

# Late in 2026: records of tests are produced now, whatever the clock says, so their times stand well before it.
TIME = "2026-01-15T12:00:00.000Z"


def with_own_topics(settings: Settings) -> Settings:
    """Settings that name topics which no other test has."""
    suffix = settings.throughline_schema_suffix.strip("_")
    return settings.model_copy(
        update={
            "throughline_topics_events": f"events-{suffix}",
            "throughline_topics_identities": f"identities-{suffix}",
            "throughline_topics_people": f"people-{suffix}",
            "throughline_batch_seconds": 0.2,
        }
    )


def create(settings: Settings, topic: str, *, partitions: int = 1, configs: dict[str, str] | None = None) -> None:
    admin = KafkaAdminClient(**connection(settings))
    try:
        options = {"num_partitions": partitions, "replication_factor": 1, "configs": configs or {}}
        admin.create_topics({topic: options}, wait_for_metadata=True)
    finally:
        admin.close()


def delete(settings: Settings, topic: str) -> None:
    admin = KafkaAdminClient(**connection(settings))
    try:
        admin.delete_topics([topic])
    finally:
        admin.close()


def event(number: int, **changes: Any) -> bytes:
    """The n-th event, usable unless a change says otherwise."""
    envelope = {"event_id": f"e{number}", "event": "page_view", "timestamp": TIME, "device_id": f"d{number % 7}"}
    return json.dumps(envelope | changes).encode()


def produce(
    settings: Settings,
    topic: str,
    values: Iterable[bytes | None],
    *,
    partition: int = 0,
    compression_type: str | None = None,
    **more: Any,
) -> None:
    """Append values to a partition, in order; returns when the broker has them."""
    producer = KafkaProducer(
        **connection(settings),
        acks="all",
        linger_ms=5,
        batch_size=65536,
        max_request_size=4_000_000,
        compression_type=compression_type,
    )
    try:
        sent = [producer.send(topic, value=value, partition=partition, **more) for value in values]
        producer.flush()
        for future in sent:
            future.get(timeout=30)
    finally:
        producer.close()


def produce_transactions(settings: Settings, topic: str, *, commits: Sequence[bool]) -> None:
    """Append five events and a control record for each transaction, which is committed or aborted."""
    producer = KafkaProducer(**connection(settings), transactional_id=f"tx-{topic}")
    try:
        producer.init_transactions()
        for is_committed in commits:
            producer.begin_transaction()
            for number in range(5):
                producer.send(topic, value=event(number))
            producer.flush()
            (producer.commit_transaction if is_committed else producer.abort_transaction)()
    finally:
        producer.close()


def expire(settings: Settings, topic: str) -> None:
    """Remove what partition 0 has, as retention does once all of it is old."""
    admin = KafkaAdminClient(**connection(settings))
    try:
        # -1 is the end.
        admin.delete_records({TopicPartition(topic, 0): -1})
    finally:
        admin.close()


def read_all(settings: Settings, topic: str) -> Sequence[Any]:
    """Every record of partition 0."""
    allow_any_header_name()
    name = TopicPartition(topic, 0)
    consumer = KafkaConsumer(**connection(settings), enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        consumer.assign([name])
        end, records = consumer.end_offsets([name])[name], []
        while consumer.position(name) < end:
            records += consumer.poll(timeout_ms=500).get(name, [])
        return records
    finally:
        consumer.close()
