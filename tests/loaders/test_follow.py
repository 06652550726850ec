"""A follower in this process: what it finds and heals by itself while it runs."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from loaders import clients
from loaders.errors import BreakerTrippedError, InstanceTakenError, WarehouseUnreachableError
from loaders.failures import instance_taken
from loaders.follow import follow
from loaders.kafka_config import connection
from loaders.kafka_python import KafkaPythonSource
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.source import Source
from loaders.warehouse import ClickHouse
from local.stack import Stack
from tests.support.clients import by_client
from tests.support.topics import create, event, expire, produce, produce_transactions
from tests.support.waiting import eventually

pytestmark = by_client


class Follower:
    """Follows on a thread of its own; `said` are its lines, `error` is what ended it."""

    def __init__(self, settings: Settings) -> None:
        self.said: list[str] = []
        self.error: BaseException | None = None
        self._settings, self._stop = settings, Event()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            follow(self._settings, stop=self._stop, say=self.said.append)
        except BaseException as error:
            self.error = error


@contextmanager
def following(settings: Settings) -> Iterator[Follower]:
    follower = Follower(settings)
    try:
        yield follower
    finally:
        follower.end()


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.follow.LOOK_SECONDS", 0.5)


def landed(warehouse: ClickHouse) -> int:
    [[count]] = warehouse.rows(f"select count() from {warehouse.database}.events")
    return int(count)


def test_a_topic_that_comes_up_while_it_runs_is_found_by_its_pattern(own: Settings, warehouse: ClickHouse) -> None:
    stem = own.throughline_topics_events
    settings = own.model_copy(update={"throughline_topics_events": f"^{stem}[.]"})
    create(own, f"{stem}.first")
    produce(own, f"{stem}.first", [event(0)])
    with following(settings) as follower:
        eventually(lambda: landed(warehouse) == 1, "1 records in raw")
        create(own, f"{stem}.second")
        produce(own, f"{stem}.second", [event(0), event(1)])
        eventually(lambda: landed(warehouse) == 3, "3 records in raw")

    assert (follower.error, follower.said) == (None, [])


@pytest.fixture(scope="module")
def two_hundred_topics(stack: Stack) -> str:
    """What their names begin with. Every twentieth has two records."""
    settings, stem = stack.settings(), f"many-{uuid.uuid4().hex[:8]}"
    topics = [f"{stem}.type{number}" for number in range(200)]
    admin = KafkaAdminClient(**connection(settings))
    admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1} for topic in topics})
    admin.close()
    for topic in topics[::20]:
        produce(settings, topic, [event(0), event(1)])
    return stem


def test_one_process_serves_two_hundred_topics(own: Settings, warehouse: ClickHouse, two_hundred_topics: str) -> None:
    settings = own.model_copy(update={"throughline_topics_events": f"^{two_hundred_topics}[.]"})
    with following(settings) as follower:
        eventually(lambda: landed(warehouse) >= 20, "20 records in raw")
        before = landed(warehouse)
        produce(own, f"{two_hundred_topics}.type199", [event(2)])
        eventually(lambda: landed(warehouse) > before, "more records in raw")

    assert (follower.error, follower.said) == (None, [])
    [[partitions]] = warehouse.rows(f"select uniqExact(topic) from {warehouse.database}.load_claims")
    assert partitions == 200


def test_a_partition_that_the_consumer_lost_out_of_sight_is_said_and_read_again(
    own: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, opened = own.throughline_topics_events, clients.open_source
    create(own, topic, partitions=2)
    sources: list[Source] = []

    def open_source(settings: Settings, **more: Any) -> Source:
        sources.append(opened(settings, **more))
        if len(sources) == 1:
            forget_partition_0(sources[0], topic)
        return sources[-1]

    monkeypatch.setattr("loaders.run.open_source", open_source)
    for number in (0, 1):
        produce(own, topic, [event(0)], partition=number)
    with following(own.model_copy(update={"throughline_stall_seconds": 2.0})) as follower:
        eventually(lambda: landed(warehouse) == 2, "2 records in raw")
        for number in (0, 1):
            produce(own, topic, [event(1)], partition=number)
        time.sleep(1.0)
        produce(own, topic, [event(2)], partition=0)
        eventually(lambda: landed(warehouse) == 5, "5 records in raw")

    assert follower.error is None
    [said] = follower.said
    assert said.startswith(f"{topic}-0 has stood at offset 1 for ")


def forget_partition_0(source: Any, topic: str) -> None:
    """From its first records on, let the library fetch no more of partition 0, as bugs of clients have done."""
    poll = source.poll

    def poll_and_forget(seconds: float) -> Any:
        polled = poll(seconds)
        if any(partition.number == 0 for partition in polled):
            if isinstance(source, KafkaPythonSource):
                source._consumer.pause(TopicPartition(topic, 0))
            else:
                from confluent_kafka import TopicPartition as Name

                source._consumer.pause([Name(topic, 0)])
        return polled

    source.poll = poll_and_forget


def test_what_did_not_land_when_it_was_asked_to_end_is_said(
    own: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = Event()

    def unreachable(*_: object, **__: object) -> None:
        tried.set()
        raise WarehouseUnreachableError("ClickHouse does not answer")

    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(0)])
    with monkeypatch.context() as patched:
        patched.setattr(ClickHouse, "insert_block", unreachable)
        with following(own) as follower:
            assert tried.wait(60)

    assert follower.error is None
    assert follower.said[-1].endswith("ended with records on their way, which the next start lands")
    assert landed(warehouse) == 0
    assert load_until_caught_up(own).consumed == 1


def test_what_kafka_kept_to_itself_while_it_follows_is_no_loss_when_retention_has_removed_it(
    own: Settings, warehouse: ClickHouse
) -> None:
    topic = own.throughline_topics_events
    create(own, topic)
    with following(own) as follower:
        produce_transactions(own, topic, commits=[True, False])
        passed = f"select first, next from {warehouse.database}.load_passed final"
        eventually(lambda: [tuple(row) for row in warehouse.rows(passed)] == [(5, 12)], "what was passed")

    expire(own, topic)
    produce(own, topic, [event(5)])
    with following(own) as again:
        eventually(lambda: landed(warehouse) == 6, "6 records in raw")

    assert (follower.error, follower.said) == (again.error, again.said) == (None, [])


def test_that_nothing_lands_is_said_and_that_it_lands_again(
    own: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, failures = ClickHouse.insert_block, iter(range(2))

    def unreachable_at_first(*arguments: Any, **more: Any) -> None:
        if next(failures, None) is not None:
            raise WarehouseUnreachableError("ClickHouse does not answer")
        insert(*arguments, **more)

    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(0)])
    monkeypatch.setattr(ClickHouse, "insert_block", unreachable_at_first)
    with following(own) as follower:
        eventually(lambda: len(follower.said) == 2, "two lines")

    assert follower.error is None
    assert follower.said[0] == "ClickHouse does not answer; trying again"
    assert follower.said[1].startswith("landing again after ")
    assert landed(warehouse) == 1


def test_a_loader_that_kafka_takes_for_another_after_a_pause_joins_again(
    own: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a commit on its way does, of before a pause, when the loader has joined again after it."""
    named = own.model_copy(update={"throughline_group_instance": "loader-0"})
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(0)])
    opened, sources = clients.open_source, list[Source]()

    def taken(positions: object) -> None:
        raise instance_taken(named)

    def open_source(settings: Settings, **more: Any) -> Source:
        sources.append(opened(settings, **more))
        if len(sources) == 1:
            sources[0].commit = taken  # type: ignore[method-assign]
        return sources[-1]

    monkeypatch.setattr("loaders.run.open_source", open_source)
    # So each poll is a pause.
    monkeypatch.setattr("loaders.follow.SESSION_SECONDS", 0.0)
    with following(named) as follower:
        eventually(lambda: len(sources) == 2, "a second source")
        produce(own, own.throughline_topics_events, [event(1)])
        eventually(lambda: landed(warehouse) == 2, "2 records in raw")

    assert follower.error is None
    assert follower.said == ["Kafka took loader-0 for another loader after a pause; joining again"]


def test_a_follower_ends_at_a_topic_that_the_breaker_has_stopped(own: Settings, warehouse: ClickHouse) -> None:
    strict = own.model_copy(update={"throughline_breaker_run": 10})
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [b"{"] * 10)
    with pytest.raises(BreakerTrippedError):
        load_until_caught_up(strict)
    produce(own, own.throughline_topics_events, [b"{"] * 10)

    with following(strict) as follower:
        eventually(lambda: follower.error is not None, "its end")

    assert isinstance(follower.error, BreakerTrippedError)
    assert landed(warehouse) == 10


def test_of_two_loaders_of_one_name_one_ends_and_says_why(own: Settings, warehouse: ClickHouse) -> None:
    named = own.model_copy(update={"throughline_group_instance": "loader-0"})
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(0)])
    with following(named) as first:
        eventually(lambda: landed(warehouse) == 1, "1 records in raw")
        with following(named) as second:
            eventually(lambda: bool(first.error or second.error), "an error of one")
            produce(own, own.throughline_topics_events, [event(1)])
            eventually(lambda: landed(warehouse) == 2, "2 records in raw")

    # The first, unless a slow machine made it join again after the second.
    [error] = [follower.error for follower in (first, second) if follower.error is not None]
    assert isinstance(error, InstanceTakenError)
    assert "THROUGHLINE_GROUP_INSTANCE" in str(error)
