"""The consumer over kafka-python, where its group moves partitions."""

from collections.abc import Iterator, Sequence

import pytest

from loaders.kafka_python import KafkaPythonSource, _Change
from loaders.records import Partition
from loaders.settings import Settings
from tests.support.topics import create, event, produce


@pytest.fixture
def source(own: Settings) -> Iterator[KafkaPythonSource]:
    create(own, own.throughline_topics_events, partitions=2)
    opened = KafkaPythonSource(own, group=own.kafka_group)
    yield opened
    opened.close()


def test_a_partition_that_moved_on_before_it_was_taken_is_left_to_its_new_owner(
    own: Settings, source: KafkaPythonSource
) -> None:
    topic = own.throughline_topics_events
    taken: list[Partition] = []

    def assigned(partitions: Sequence[Partition]) -> dict[Partition, int]:
        taken.extend(partitions)
        # Between the question and the seek another one may move away.
        return dict.fromkeys([*partitions, Partition(topic, 8)], 0)

    source.subscribe([topic], assigned=assigned, revoked=lambda partitions: None)
    source._changes.append(_Change(True, [Partition(topic, 9)]))
    produce(own, topic, [event(1)])
    polled: dict[Partition, Sequence[int]] = {}
    for _ in range(100):
        polled |= {partition: records.offsets for partition, records in source.poll(0.2).items()}
        if polled:
            break

    assert sorted(taken) == [Partition(topic, 0), Partition(topic, 1)]
    assert polled == {Partition(topic, 0): (0,)}
