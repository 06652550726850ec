"""The consumers, where their group moves partitions."""

import time
from collections.abc import Iterator, Sequence

import pytest

from loaders.clients import open_source
from loaders.kafka_python import KafkaPythonSource, _Change
from loaders.records import Partition
from loaders.settings import Settings
from loaders.source import Source
from tests.support.clients import by_client
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


def assigned_within(source: Source, topic: str, *, seconds: float) -> list[Partition]:
    """The partitions that a member of the group is given in this time; returns as soon as it has any."""
    given: list[Partition] = []

    def assigned(partitions: Sequence[Partition]) -> dict[Partition, int]:
        given.extend(partitions)
        return dict.fromkeys(partitions, 0)

    source.subscribe([topic], assigned=assigned, revoked=lambda partitions: None)
    deadline = time.monotonic() + seconds
    while not given and time.monotonic() < deadline:
        source.poll(0.1)
    return given


@by_client
def test_a_named_loader_that_died_and_started_again_has_its_partitions_back_within_its_session(own: Settings) -> None:
    named = own.model_copy(update={"throughline_group_instance": "loader-0"})
    topic = own.throughline_topics_events
    create(own, topic, partitions=2)
    died, again = (open_source(named, group=own.kafka_group) for _ in range(2))
    try:
        assert len(assigned_within(died, topic, seconds=20)) == 2
        # It never polls again and never says that it leaves; its session would last twice as long as this.
        assert len(assigned_within(again, topic, seconds=5)) == 2
    finally:
        again.close()
        died.close()
