"""How many records a topic holds, and which are the last."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from loaders.errors import BrokerError
from loaders.kafka_config import connection
from loaders.settings import Settings
from local.produce.client import broker_errors
from local.produce.topics import topic_names

_READ_SECONDS = 60.0
# The first offset of a partition, and the one after the last.
Offsets = dict[TopicPartition, tuple[int, int]]


class Standing(NamedTuple):
    """What a partition holds."""

    records: int
    last: tuple[bytes | None, bytes | None]  # key and value


def records_in(settings: Settings, topics: Iterable[str]) -> dict[str, dict[int, int]]:
    """Records by topic and partition; a topic that is not there has none.

    Counts offsets, so it is exact where no transactions and no compaction leave gaps.
    """
    with _consumer(settings) as consumer:
        return {topic: _counts(offsets) for topic, offsets in _offsets_in(consumer, topics).items()}


def standing_in(settings: Settings, topics: Iterable[str]) -> dict[str, dict[int, Standing]]:
    """The partitions that hold records, by topic; counted as `records_in` does."""
    with _consumer(settings) as consumer:
        return {topic: _standing(consumer, topic, offsets) for topic, offsets in _offsets_in(consumer, topics).items()}


def records_of_streams(settings: Settings) -> dict[str, int]:
    """Records by stream, in the topics that the settings name."""
    topics = topic_names(settings)
    records = records_in(settings, topics.values())
    return {stream: sum(records[topic].values()) for stream, topic in topics.items()}


@contextmanager
def _consumer(settings: Settings) -> Iterator[Any]:
    with broker_errors(settings):
        consumer = KafkaConsumer(**connection(settings))
        try:
            yield consumer
        finally:
            consumer.close()


def _offsets_in(consumer: Any, topics: Iterable[str]) -> dict[str, Offsets]:
    existing = consumer.topics()
    found: dict[str, Offsets] = {}
    for topic in topics:
        numbers = consumer.partitions_for_topic(topic) or () if topic in existing else ()
        partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        found[topic] = {each: (begins[each], ends[each]) for each in partitions}
    return found


def _counts(offsets: Offsets) -> dict[int, int]:
    return {each.partition: end - begin for each, (begin, end) in offsets.items()}


def _standing(consumer: Any, topic: str, offsets: Offsets) -> dict[int, Standing]:
    ends = {partition: end for partition, (begin, end) in offsets.items() if end > begin}
    consumer.assign(list(ends))
    for partition, end in ends.items():
        consumer.seek(partition, end - 1)
    last: dict[int, tuple[bytes | None, bytes | None]] = {}
    deadline = time.monotonic() + _READ_SECONDS
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        if time.monotonic() > deadline:
            raise BrokerError(f"topic {topic}: its last records were not to be read within {_READ_SECONDS:.0f} s")
        for partition, records in consumer.poll(timeout_ms=1_000).items():
            last[partition.partition] = (records[0].key, records[0].value)
    # An offset may hold no record, but the mark of a transaction.
    return {
        number: Standing(count, last.get(number, (None, None))) for number, count in _counts(offsets).items() if count
    }
