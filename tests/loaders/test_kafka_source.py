"""The consumers, where their group moves partitions."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing

import pytest
from confluent_kafka import KafkaError
from kafka.admin import KafkaAdminClient, MemberToRemove

from loaders.clients import open_source
from loaders.confluent import SHORT_PAUSE_SECONDS, ConfluentSource
from loaders.errors import BrokerError, InstanceTakenError
from loaders.kafka_config import connection
from loaders.kafka_python import KafkaPythonSource, _Change
from loaders.loop import POLL_SECONDS
from loaders.records import Partition
from loaders.settings import SESSION_SECONDS, Settings
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


def test_a_name_that_seems_taken_after_an_outage_is_joined_with_again(own: Settings) -> None:
    # The library joins anew once a broker is back, and a commit of before, sent after that, fences it: by itself.
    named = own.model_copy(update={"throughline_group_instance": "loader-0"})
    fenced = KafkaError(KafkaError.FENCED_INSTANCE_ID, "OffsetCommit failed", fatal=True)
    with closing(ConfluentSource(named, group=own.kafka_group)) as source:
        source._note(fenced)
        with pytest.raises(InstanceTakenError):
            source.poll(0)
        source._note(KafkaError(KafkaError._ALL_BROKERS_DOWN))
        source._note(fenced)
        with pytest.raises(BrokerError, match="FENCED_INSTANCE_ID"):
            source.poll(0)


@by_client
def test_a_named_loader_that_died_and_started_again_has_its_partitions_back_within_its_session(own: Settings) -> None:
    named = own.model_copy(update={"throughline_group_instance": "loader-0"})
    topic = own.throughline_topics_events
    create(own, topic, partitions=2)
    died = Member(open_source(named, group=own.kafka_group), topic)
    try:
        died.subscribe()
        assert poll_until(lambda: bool(died.owned), died, seconds=20)
        assert len(died.owned) == 2
    finally:
        # A named one does not say that it leaves.
        died.source.close()
    again = Member(open_source(named, group=own.kafka_group), topic)
    try:
        again.subscribe()
        assert poll_until(lambda: bool(again.owned), again, seconds=SESSION_SECONDS * 0.7)
        assert len(again.owned) == 2
    finally:
        again.source.close()


@by_client
def test_what_a_member_held_before_it_fell_out_of_its_group_is_read_by_somebody(own: Settings) -> None:
    """One that comes back must not claim what it had, or those partitions are kept back for it to give them up."""
    topic = own.throughline_topics_events
    create(own, topic, partitions=4)
    with ExitStack() as opened:
        falls, stays = (open_member(own, topic, opened) for _ in range(2))
        while not falls_out(own, falls, stays):
            opened.close()
            falls, stays = (open_member(own, topic, opened) for _ in range(2))
        comes = open_member(own, topic, opened)
        comes.subscribe()
        # The group waits for the third to join, so these two are in the same round.
        poll_until(lambda: False, falls, comes, seconds=2)
        assert poll_until(lambda: len(falls.owned | stays.owned | comes.owned) == 4, falls, stays, comes, seconds=20)
        assert sorted(falls.owned | stays.owned | comes.owned) == [Partition(topic, number) for number in range(4)]


def open_member(own: Settings, topic: str, opened: ExitStack) -> "Member":
    """One that is closed with the stack."""
    return Member(opened.enter_context(closing(open_source(own, group=own.kafka_group))), topic)


def falls_out(own: Settings, falls: "Member", stays: "Member") -> bool:
    """Take one out of the group of the two. False where nobody sees it without partitions, as on a busy machine.

    It may be about to join when it is told, and has what it had until it has joined; or it is back in the same poll.
    """
    falls.subscribe()
    assert poll_until(lambda: len(falls.owned) == 4, falls)
    [its_id] = member_ids(own)
    stays.subscribe()
    assert poll_until(lambda: len(falls.owned) == len(stays.owned) == 2, falls, stays)
    before = falls.revocations
    remove(own, its_id)
    try:
        # It asks three times in a session whether it is a member.
        poll_until(lambda: falls.revocations > before, falls, seconds=SESSION_SECONDS / 2)
        return not falls.owned
    except BrokerError as error:
        if "gave them back at once" not in str(error):
            raise
        return False


def member_ids(settings: Settings) -> list[str]:
    with closing(KafkaAdminClient(**connection(settings))) as admin:
        [group] = admin.describe_groups([settings.kafka_group]).values()
        return [member["member_id"] for member in group["members"]]


def remove(settings: Settings, member_id: str) -> None:
    with closing(KafkaAdminClient(**connection(settings))) as admin:
        admin.remove_group_members(settings.kafka_group, [MemberToRemove(member_id=member_id)])


@pytest.mark.parametrize("own", ["confluent-kafka"], indirect=True)
def test_partitions_on_their_way_as_a_named_loader_died_are_read_by_somebody(own: Settings) -> None:
    """Kafka gives one that comes back within its session what it had, and asks nobody to share what was on its way."""
    topic = own.throughline_topics_events
    create(own, topic, partitions=4)
    named, other = (own.model_copy(update={"throughline_group_instance": name}) for name in ("loader-0", "loader-1"))
    dies = subprocess.Popen(
        [sys.executable, "-c", DIES], env={**os.environ, **named.as_environment()}, stdout=subprocess.PIPE, text=True
    )
    members = []
    try:
        assert dies.stdout is not None
        assert select.select([dies.stdout], [], [], 60)[0], "the first member was not given all partitions"
        members.append(Member(open_source(other, group=own.kafka_group), topic))
        members[0].subscribe()
        # Until Kafka has asked it to give two of them up.
        poll_until(lambda: False, *members, seconds=5)
        dies.kill()
        members.append(Member(open_source(named, group=own.kafka_group), topic))
        members[1].subscribe()
        assert poll_until(lambda: all(len(member.owned) == 2 for member in members), *members)
        assert sorted(partition.number for member in members for partition in member.owned) == [0, 1, 2, 3]
    finally:
        dies.kill()
        for member in members:
            member.source.close()


# Takes all partitions of the topic, and then polls no more.
DIES = """
import time
from loaders.clients import open_source
from loaders.settings import load_settings

settings, owned = load_settings(), set()
source = open_source(settings, group=settings.kafka_group)

def assigned(partitions):
    owned.update(partitions)
    return dict.fromkeys(partitions, 0)

source.subscribe([settings.throughline_topics_events], assigned=assigned, revoked=lambda partitions: None)
while len(owned) < 4:
    source.poll(0.1)
for _ in range(5):
    source.poll(0.1)
print("has all", flush=True)
time.sleep(600)
"""


@by_client
def test_a_reader_that_takes_its_time_finds_records_ready(own: Settings) -> None:
    """librdkafka by default leaves a partition alone for a second whenever its queue is full."""
    topic = own.throughline_topics_events
    create(own, topic)
    produce(own, topic, [event(number, properties={"text": "x" * 900_000}) for number in range(100)])
    source, waits = open_source(own, group=None), list[float]()
    try:
        source.assign({Partition(topic, 0): 0})
        while source.position(Partition(topic, 0)) < 100 and len(waits) < 200:
            waits.append(seconds_until_records(source))
            time.sleep(0.15)
    finally:
        source.close()
    # The first one connects.
    assert max(waits[1:]) < 0.5


def seconds_until_records(source: Source) -> float:
    begun = time.monotonic()
    while not source.poll(0.05) and time.monotonic() < begun + 10:
        pass
    return time.monotonic() - begun


@by_client
def test_a_partition_that_moved_away_in_a_pause_and_came_back_is_read(own: Settings) -> None:
    topic = own.throughline_topics_events
    create(own, topic, partitions=2)
    both = [Partition(topic, 0), Partition(topic, 1)]
    one, other = (Member(open_source(own, group=own.kafka_group), topic) for _ in range(2))
    try:
        one.subscribe()
        assert poll_until(lambda: sorted(one.owned) == both, one)
        one.source.pause()
        # As long as it takes until the library is told.
        poll_until(lambda: False, one, seconds=SHORT_PAUSE_SECONDS + 0.5)
        other.subscribe()
        assert poll_until(lambda: len(other.owned) == 1, one, other)
        one.source.resume()
        other.source.close()
        assert poll_until(lambda: sorted(one.owned) == both, one)
        for partition in both:
            produce(own, topic, [event(partition.number)], partition=partition.number)
        assert poll_until(lambda: len(one.polled) == 2, one)
    finally:
        one.source.close()
    assert sorted(one.polled) == both


class Member:
    """A member of the group, which reads what it is given from the start."""

    def __init__(self, source: Source, topic: str) -> None:
        self.source, self.topic = source, topic
        self.owned: set[Partition] = set()
        self.polled: set[Partition] = set()
        self.revocations = 0

    def subscribe(self) -> None:
        self.source.subscribe([self.topic], assigned=self._assigned, revoked=self._revoked)

    def _assigned(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        self.owned.update(partitions)
        return dict.fromkeys(partitions, 0)

    def _revoked(self, partitions: Sequence[Partition]) -> None:
        self.owned.difference_update(partitions)
        self.revocations += 1


def poll_until(is_done: Callable[[], bool], *members: Member, seconds: float = 40) -> bool:
    """Whether it was done in time."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            return False
        for member in members:
            member.polled.update(member.source.poll(POLL_SECONDS))
    return True
