"""How many records a topic holds."""

from collections.abc import Iterable

from kafka import KafkaConsumer, TopicPartition

from loaders.kafka_config import connection
from loaders.settings import Settings
from local.produce.client import broker_errors
from local.produce.topics import topic_names


def records_in(settings: Settings, topics: Iterable[str]) -> dict[str, dict[int, int]]:
    """Records by topic and partition; a topic that is not there has none.

    Counts offsets, so it is exact where no transactions and no compaction leave gaps.
    """
    with broker_errors(settings):
        consumer = KafkaConsumer(**connection(settings))
        try:
            existing = consumer.topics()
            found: dict[str, dict[int, int]] = {}
            for topic in topics:
                numbers = consumer.partitions_for_topic(topic) or () if topic in existing else ()
                partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
                begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
                found[topic] = {each.partition: ends[each] - begins[each] for each in partitions}
            return found
        finally:
            consumer.close()


def records_of_streams(settings: Settings) -> dict[str, int]:
    """Records by stream, in the topics that the settings name."""
    topics = topic_names(settings)
    records = records_in(settings, topics.values())
    return {stream: sum(records[topic].values()) for stream, topic in topics.items()}
