"""`Source` over confluent-kafka, which is the C library librdkafka."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from loaders import failures
from loaders.confluent_config import connection
from loaders.confluent_headers import HeaderReader
from loaders.confluent_records import by_partition, columns
from loaders.errors import BrokerError, ThroughlineError
from loaders.membership import RETURN_SECONDS
from loaders.positions import Log
from loaders.records import Partition, Records
from loaders.settings import MAX_POLL_SECONDS, SESSION_SECONDS, Settings
from loaders.source import Assigned, Revoked

# What a call hands out stays in the processor's caches until it is columns.
POLL_RECORDS = 2_000
# These count bytes as they are sent; what compresses well takes ten times as much in memory.
FETCH_BYTES = 4 * 1024 * 1024
PARTITION_FETCH_BYTES = 1024 * 1024
QUEUE_KILOBYTES = 16 * 1024
ANSWER_SECONDS = 10.0
# To pause in the library throws away what it has fetched. A short pause is made by not asking it for records.
SHORT_PAUSE_SECONDS = 1.0

_REFUSALS = {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL}
# The library tells of these and heals them by itself.
_OUTAGES = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}
_PASSING = {KafkaError._MAX_POLL_EXCEEDED, *_OUTAGES}


class ConfluentSource:
    """A consumer. Not safe to use from two threads."""

    def __init__(self, settings: Settings, *, group: str | None) -> None:
        self._settings = settings
        self._headers = HeaderReader(settings)
        self._assigned: Assigned = lambda partitions: {}
        self._revoked: Revoked = lambda partitions: None
        self._positions: dict[Partition, int] = {}
        self._paused_since: float | None = None
        self._is_paused_in_library = False
        self._told: list[TopicPartition] = []
        self._gone: set[Partition] = set()
        self._raised: BaseException | None = None
        self._refusal: KafkaError | None = None
        self._fatal: KafkaError | None = None
        self._away = -inf
        config: dict[str, Any] = {
            **connection(settings),
            # The library wants a name though without a subscription it never joins.
            "group.id": group or "throughline-without-a-group",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            # The position comes from the table. Should it not exist in Kafka, that is to be said, not skipped.
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "allow.auto.create.topics": False,
            # A rebalance takes away what moves and no more; the others go on.
            "partition.assignment.strategy": "cooperative-sticky",
            # Tells how far reading came past what Kafka keeps to itself.
            "enable.partition.eof": True,
            "fetch.max.bytes": FETCH_BYTES,
            "max.partition.fetch.bytes": PARTITION_FETCH_BYTES,
            "fetch.wait.max.ms": 200,
            "queued.max.messages.kbytes": QUEUE_KILOBYTES,
            # By default a partition is left alone for a second each time that the queue is full.
            "fetch.queue.backoff.ms": 10,
            "max.poll.interval.ms": int(MAX_POLL_SECONDS * 1000),
            "session.timeout.ms": int(SESSION_SECONDS * 1000),
            "heartbeat.interval.ms": int(SESSION_SECONDS * 1000) // 3,
            "topic.metadata.refresh.interval.ms": 30_000,
            "check.crcs": True,
            "log_level": 0,
            "error_cb": self._note,
        }
        if group and settings.throughline_group_instance:
            config["group.instance.id"] = settings.throughline_group_instance
        with self._errors():
            self._consumer = Consumer(config)

    def topics(self) -> set[str]:
        return set(self._metadata())

    def partitions(self, topics: Iterable[str]) -> list[Partition]:
        found = self._metadata()
        return [Partition(topic, number) for topic in sorted(topics) for number in sorted(found.get(topic, ()))]

    def logs(self, partitions: Sequence[Partition]) -> dict[Partition, Log]:
        if not partitions:
            return {}
        begins, ends = self._offsets(partitions, OFFSET_BEGINNING), self._offsets(partitions, OFFSET_END)
        return {partition: Log(begins[partition], ends[partition]) for partition in partitions}

    def assign(self, positions: Mapping[Partition, int]) -> None:
        with self._errors():
            self._consumer.assign(_names(positions))
        self._positions = dict(positions)

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Revoked) -> None:
        self._assigned, self._revoked = assigned, revoked
        with self._errors():
            self._consumer.subscribe(
                list(topics), on_assign=self._on_assigned, on_revoke=self._on_revoked, on_lost=self._on_revoked
            )

    def poll(self, seconds: float) -> dict[Partition, Records]:
        if self._is_pausing():
            return {}
        self._gone.clear()
        with self._errors():
            messages = self._consumer.consume(POLL_RECORDS, seconds)
        self._raise_noted()
        if any(map(Message.error, messages)):
            messages = self._without_events(messages)
        polled = {
            partition: columns(partition, found, reread=self._headers.read)
            for partition, found in by_partition(messages).items()
        }
        for partition, records in polled.items():
            self._positions[partition] = max(records.next_offset, self._positions.get(partition, 0))
        return polled

    def position(self, partition: Partition) -> int:
        return self._positions[partition]

    def pause(self) -> None:
        self._paused_since = monotonic()

    def resume(self) -> None:
        self._paused_since = None
        if self._is_paused_in_library:
            self._is_paused_in_library = False
            with self._errors():
                self._consumer.resume(self._consumer.assignment())

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self._told = _names(positions)
        with suppress(KafkaException):
            self._consumer.commit(offsets=self._told, asynchronous=True)

    def confirm_name(self) -> None:
        # The library hears of it by its heartbeats and tells by the next poll; a commit is answered at once.
        if self._settings.throughline_group_instance is None or not self._told:
            return
        with suppress(BrokerError), self._errors():
            self._consumer.commit(offsets=self._told, asynchronous=False)

    def close(self) -> None:
        self._assigned, self._revoked = _at_the_end, lambda partitions: None
        with suppress(KafkaException, RuntimeError):
            self._consumer.close()
        self._headers.close()

    def _metadata(self) -> dict[str, list[int]]:
        """The partitions of each topic. A refusal is told at once, an outage after a while."""
        until = monotonic() + ANSWER_SECONDS
        while True:
            try:
                topics = self._consumer.list_topics(timeout=1.0).topics
                return {name: list(topic.partitions) for name, topic in topics.items() if topic.error is None}
            except KafkaException as error:
                # Only a poll tells what the library has come to know.
                self._consumer.poll(0)
                self._raise_noted()
                if monotonic() > until:
                    raise self._failure(error.args[0]) from error

    def _offsets(self, partitions: Sequence[Partition], which: int) -> dict[Partition, int]:
        with self._errors():
            found = self._consumer.offsets_for_times(_names(dict.fromkeys(partitions, which)), timeout=ANSWER_SECONDS)
        for name in found:
            if name.error is not None:
                raise self._failure(name.error)
        return {Partition(name.topic, name.partition): name.offset for name in found}

    def _is_pausing(self) -> bool:
        """Whether to leave the library alone. In a longer pause it is polled, to stay a member of the group."""
        if self._paused_since is None:
            return False
        if monotonic() - self._paused_since < SHORT_PAUSE_SECONDS:
            return True
        if not self._is_paused_in_library:
            self._is_paused_in_library = True
            with self._errors():
                self._consumer.pause(self._consumer.assignment())
        return False

    def _on_assigned(self, consumer: Consumer, names: list[TopicPartition]) -> None:
        # The library cannot carry an exception through: it is kept, and nothing is read until it is raised.
        partitions = [Partition(name.topic, name.partition) for name in names]
        try:
            if not self._gone.isdisjoint(partitions):
                raise BrokerError(f"Kafka took partitions of {self._settings.kafka_group} and gave them back at once")
            positions = self._assigned(partitions)
        except BaseException as error:
            self._raised = error
            # All the same it has to be assigned what it was given, or its closing waits for ever.
            positions = _at_the_end(partitions)
        # The library keeps a partition paused that moved away in a pause and comes back after it.
        with suppress(KafkaException):
            consumer.resume(_names(positions))
        consumer.incremental_assign(_names(positions))
        self._positions.update(positions)
        if self._is_paused_in_library:
            consumer.pause(_names(positions))

    def _on_revoked(self, consumer: Consumer, names: list[TopicPartition]) -> None:
        partitions = [Partition(name.topic, name.partition) for name in names]
        # What this poll has of them already came before: should they be given back in it, it cannot be told apart.
        self._gone.update(partitions)
        try:
            self._revoked(partitions)
        except BaseException as error:
            self._raised = error

    def _note(self, error: KafkaError) -> None:
        if error.code() in _OUTAGES:
            self._away = monotonic()
        if error.code() in _REFUSALS:
            self._refusal = error
        if error.fatal():
            self._fatal = error

    def _raise_noted(self) -> None:
        if self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised
        if self._fatal is not None:
            raise self._failure(self._fatal)
        if self._refusal is not None:
            refusal, self._refusal = self._refusal, None
            raise self._failure(refusal)

    def _without_events(self, messages: Sequence[Message]) -> list[Message]:
        """The records; notes how far reading came, and raises what the library cannot heal."""
        for message in messages:
            error = message.error()
            if error is None or error.code() in _PASSING:
                continue
            if error.code() != KafkaError._PARTITION_EOF:
                raise self._failure(error)
            partition = Partition(message.topic() or "", message.partition() or 0)
            self._positions[partition] = message.offset() or 0
        return [message for message in messages if message.error() is None]

    def _failure(self, error: KafkaError) -> ThroughlineError:
        is_fenced = error.code() == KafkaError.FENCED_INSTANCE_ID or "fenced" in error.str().lower()
        if self._settings.throughline_group_instance and is_fenced and monotonic() - self._away > RETURN_SECONDS:
            return failures.instance_taken(self._settings)
        return failures.failure(self._settings, error.name(), error.str())

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The library's errors as ours."""
        try:
            yield
        except KafkaException as error:
            self._raise_noted()
            raise self._failure(error.args[0]) from error


def _at_the_end(partitions: Sequence[Partition]) -> dict[Partition, int]:
    """Where nothing is read."""
    return dict.fromkeys(partitions, OFFSET_END)


def _names(positions: Mapping[Partition, int]) -> list[TopicPartition]:
    return [TopicPartition(partition.topic, partition.number, offset) for partition, offset in positions.items()]
