"""The way to the brokers that the settings name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from loaders.errors import BrokerError
from loaders.kafka_config import connection
from loaders.settings import Settings
from local.produce.message import LARGEST_RECORD

PARTITIONS = {"events": 4, "identities": 2, "people": 2}
_TOPIC_CONFIG = {
    # Old events keep their own times, and a broker deletes by these: with a limit a replay would vanish on arrival.
    "retention.ms": "-1",
    # What is too large for the loader must reach it, to be set aside there.
    "max.message.bytes": str(LARGEST_RECORD),
}


def create_missing_topics(settings: Settings, topics: Mapping[str, str]) -> list[str]:
    """Create those of `topics` (stream -> name) that are not there; returns their names."""
    with broker_errors(settings):
        admin = KafkaAdminClient(**connection(settings))
        try:
            present = set(admin.list_topics())
            missing = [
                NewTopic(name, PARTITIONS[stream], 1, topic_configs=_TOPIC_CONFIG)
                for stream, name in topics.items()
                if name not in present
            ]
            for topic in missing:
                # Someone else may be quicker.
                with suppress(TopicAlreadyExistsError):
                    admin.create_topics([topic])
            return [topic.name for topic in missing]
        finally:
            admin.close()


@contextmanager
def open_producer(settings: Settings) -> Iterator[Any]:
    """A producer whose records are all confirmed by the replicas in sync, and written once even where it retries."""
    with broker_errors(settings):
        producer = KafkaProducer(
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            batch_size=262_144,
            linger_ms=20,
            metrics_enabled=False,
            max_request_size=LARGEST_RECORD,
            **connection(settings),
        )
        try:
            yield producer
        finally:
            producer.close(timeout=30)


@contextmanager
def broker_errors(settings: Settings) -> Iterator[None]:
    """The client's errors as BrokerError."""
    try:
        yield
    except KafkaError as error:
        raise BrokerError(
            f"Kafka at {settings.kafka_bootstrap}: {type(error).__name__}: "
            "is it running (`throughline status`), and is KAFKA_BOOTSTRAP right?"
        ) from error
