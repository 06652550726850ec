"""`Source` over kafka-python."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import FencedInstanceIdError, KafkaError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata

from loaders import failures
from loaders.errors import BrokerError
from loaders.kafka_config import connection
from loaders.kafka_python_headers import allow_any_header_name
from loaders.kafka_python_log import trouble
from loaders.positions import Log
from loaders.records import Partition, Records
from loaders.settings import MAX_POLL_SECONDS, SESSION_SECONDS, Settings
from loaders.source import Assigned, Revoked

FETCH_BYTES = 16 * 1024 * 1024
PARTITION_FETCH_BYTES = 4 * 1024 * 1024
POLL_RECORDS = 20_000


class _Change(NamedTuple):
    """A step of a rebalance."""

    is_assigned: bool
    partitions: list[Partition]


class _Assignor(CooperativeStickyAssignor):  # type: ignore[misc]
    """Tells the group's leader what this member holds, in place of what it was given last.

    The library's own still claims after its session what it had before. Whoever leads the group then keeps those
    partitions back, for the one that claims them to give them up, which it did long ago: they would be nobody's.
    """

    def __init__(self, held: Callable[[], Iterable[Any]]) -> None:
        super().__init__()
        self._held = held

    def metadata(self, topics: Iterable[str]) -> Any:
        self.member_assignment = list(self._held())
        return super().metadata(topics)


class KafkaPythonSource:
    """A consumer. Not safe to use from two threads."""

    def __init__(self, settings: Settings, *, group: str | None) -> None:
        self._settings = settings
        self._changes: deque[_Change] = deque()
        self._assigned: Assigned = lambda partitions: {}
        self._revoked: Revoked = lambda partitions: None
        self._is_paused = False
        self._told: dict[Any, OffsetAndMetadata] = {}
        self._instance = settings.throughline_group_instance if group else None
        trouble.listen()
        allow_any_header_name()
        with broker_errors(settings):
            self._consumer = KafkaConsumer(
                **connection(settings),
                group_id=group,
                group_instance_id=self._instance,
                enable_auto_commit=False,
                # The position comes from the table. Should it not exist in Kafka, that is to be said, not skipped.
                auto_offset_reset="none",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                # A rebalance takes away what moves and no more; the others go on.
                partition_assignment_strategy=[_Assignor(lambda: self._consumer.assignment())],
                fetch_max_bytes=FETCH_BYTES,
                max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
                fetch_max_wait_ms=200,
                max_poll_records=POLL_RECORDS,
                max_poll_interval_ms=int(MAX_POLL_SECONDS * 1000),
                session_timeout_ms=int(SESSION_SECONDS * 1000),
                heartbeat_interval_ms=int(SESSION_SECONDS * 1000) // 3,
                metadata_max_age_ms=30_000,
                check_crcs=True,
            )

    def topics(self) -> set[str]:
        with broker_errors(self._settings):
            return set(self._consumer.topics())

    def partitions(self, topics: Iterable[str]) -> list[Partition]:
        with broker_errors(self._settings):
            return [
                Partition(topic, number)
                for topic in sorted(topics)
                for number in sorted(self._consumer.partitions_for_topic(topic) or ())
            ]

    def logs(self, partitions: Sequence[Partition]) -> dict[Partition, Log]:
        names = [_name(partition) for partition in partitions]
        with broker_errors(self._settings):
            begins, ends = self._consumer.beginning_offsets(names), self._consumer.end_offsets(names)
        return {partition: Log(begins[name], ends[name]) for partition, name in zip(partitions, names, strict=True)}

    def assign(self, positions: Mapping[Partition, int]) -> None:
        with broker_errors(self._settings):
            self._consumer.assign([_name(partition) for partition in positions])
            self._go_on(positions)

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Revoked) -> None:
        self._assigned, self._revoked = assigned, revoked
        with broker_errors(self._settings):
            self._consumer.subscribe(topics=list(topics), listener=_Listener(self._consumer, self._changes))

    def poll(self, seconds: float) -> dict[Partition, Records]:
        with broker_errors(self._settings):
            polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
        self._follow_rebalance()
        return {Partition(name.topic, name.partition): _columns(records) for name, records in polled.items() if records}

    def position(self, partition: Partition) -> int:
        with broker_errors(self._settings):
            return int(self._consumer.position(_name(partition)))

    def pause(self) -> None:
        self._is_paused = True
        for name in self._consumer.assignment():
            with suppress(ValueError):
                self._consumer.pause(name)

    def resume(self) -> None:
        self._is_paused = False
        for name in self._consumer.paused():
            with suppress(ValueError):
                self._consumer.resume(name)

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self._told = _offsets(positions)
        with suppress(KafkaError, AssertionError):
            self._consumer.commit_async(self._told)

    def confirm_name(self) -> None:
        if self._instance is None or not self._told:
            return
        with suppress(BrokerError), broker_errors(self._settings):
            # Only a commit is answered: the library keeps to itself what its heartbeats are told.
            self._consumer.commit(self._told)

    def close(self) -> None:
        with suppress(KafkaError):
            self._consumer.close()

    def _follow_rebalance(self) -> None:
        while self._changes:
            change = self._changes.popleft()
            if not change.is_assigned:
                self._revoked(change.partitions)
                continue
            with broker_errors(self._settings):
                # What has moved on since is somebody else's: to claim it would only fence its new owner.
                held = self._consumer.assignment()
                positions = self._assigned([partition for partition in change.partitions if _name(partition) in held])
                self._go_on(positions)
                # What has landed before is something to tell as well, should it be asked for its name.
                self._told = self._told or _offsets(positions)

    def _go_on(self, positions: Mapping[Partition, int]) -> None:
        """Read from these positions. A partition that moves away meanwhile is left: its revocation is noted already."""
        for partition, offset in positions.items():
            with suppress(ValueError):
                self._consumer.seek(_name(partition), offset)
                if not self._is_paused:
                    self._consumer.resume(_name(partition))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes rebalances. The library calls it from its own thread, where nothing may wait.

    A partition that was given to this member is held where it is until `poll` has found out where its reading goes on.
    """

    def __init__(self, consumer: Any, changes: "deque[_Change]") -> None:
        self._consumer, self._changes = consumer, changes

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        self._changes.append(_Change(False, [Partition(name.topic, name.partition) for name in revoked]))

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        names = list(assigned)
        for name in names:
            self._consumer.seek(name, 0)
        self._consumer.pause(*names)
        self._changes.append(_Change(True, [Partition(name.topic, name.partition) for name in names]))


@contextmanager
def broker_errors(settings: Settings) -> Iterator[None]:
    """The library's errors as ours."""
    try:
        yield
    except FencedInstanceIdError as error:
        raise failures.instance_taken(settings) from error
    except (KafkaError, OSError) as error:
        why = f"{error}; {trouble.last}" if isinstance(error, KafkaTimeoutError) and trouble.last else error
        raise failures.failure(settings, type(error).__name__, why) from error


def _offsets(positions: Mapping[Partition, int]) -> dict[Any, OffsetAndMetadata]:
    return {_name(partition): OffsetAndMetadata(offset, "", -1) for partition, offset in positions.items()}


def _name(partition: Partition) -> Any:
    return TopicPartition(partition.topic, partition.number)


def _columns(records: Sequence[Any]) -> Records:
    """Turn a list of the library's named tuples into columns, without a Python step per record."""
    _, _, _, offsets, timestamps, _, keys, values, headers, _, _, sizes, _ = zip(*records, strict=True)
    if -1 in sizes:
        # A record without a value (a tombstone) has no bytes; the check calls it unusable.
        values = tuple(value or b"" for value in values)
    return Records(
        offsets,
        timestamps,
        keys,
        values,
        headers if any(headers) else tuple(repeat((), len(offsets))),
        sum(sizes),
        offsets[-1] + 1,
    )
