"""Sends records fast and knows that each has arrived."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2

from loaders.errors import BrokerError
from local.produce.ends import Standing
from local.produce.errors import ForeignRecordsError
from local.produce.message import Message

_CHUNK = 2_000
# kafka-python's producer takes records without limit; past so many unconfirmed chunks wait for the oldest.
_CHUNKS_IN_FLIGHT = 10
_CONFIRM_SECONDS = 150.0
_CACHED_KEYS = 500_000


class Sender:
    """Sends to one topic. `close()` returns only when every record is confirmed; BrokerError if one is not.

    The same messages in the same order go to the same places of the same partitions. So as many as `already` stand in
    each partition are passed over, and a run that was killed can be resumed without a record too few or too many.
    ForeignRecordsError where the last one passed over is not the last one that stands there.
    `wait` is told the time of each message before it is sent: it returns when that is due.
    """

    def __init__(
        self,
        producer: Any,
        topic: str,
        now_ms: int,
        *,
        already: Mapping[int, Standing] | None = None,
        wait: Callable[[int], None] | None = None,
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._now_ms = now_ms
        self._partitions = len(producer.partitions_for(topic))
        self._partition_of: dict[bytes, int] = {}
        self._chunks: deque[list[Any]] = deque()
        self._chunk: list[Any] = []
        self._time_ms = now_ms
        self._keyless = 0
        self._already = already or {}
        self._left = {partition: standing.records for partition, standing in self._already.items()}
        self._wait = wait
        self.sent = 0

    @property
    def missed(self) -> int:
        """How many records of those that were there already have not been met among the messages."""
        return sum(self._left.values())

    def send(self, message: Message) -> None:
        """Hand one record over; it may take a while to be confirmed.

        A message without a time gets that of the one before it. Brokers refuse records from the future, so such are
        sent as of now.
        """
        key, value, time_ms = message
        if time_ms is not None:
            self._time_ms = min(time_ms, self._now_ms)
        partition = self._next_partition() if key is None else self._partition(key)
        if left := self._left.get(partition):
            self._left[partition] = left - 1
            if left == 1 and self._already[partition].last != (key, value):
                raise ForeignRecordsError(self._topic, f"records in partition {partition}")
            return
        if self._wait and time_ms is not None:
            self._wait(self._time_ms)
        self._chunk.append(
            self._producer.send(self._topic, value=value, key=key, partition=partition, timestamp_ms=self._time_ms)
        )
        self.sent += 1
        if len(self._chunk) >= _CHUNK:
            self._chunks.append(self._chunk)
            self._chunk = []
            if len(self._chunks) > _CHUNKS_IN_FLIGHT:
                self._confirm(self._chunks.popleft())

    def close(self) -> None:
        """Wait until all are confirmed."""
        self._producer.flush(timeout=_CONFIRM_SECONDS)
        for chunk in (*self._chunks, self._chunk):
            self._confirm(chunk)
        self._chunks.clear()
        self._chunk = []

    def _next_partition(self) -> int:
        """Records without a key go around."""
        self._keyless += 1
        return self._keyless % self._partitions

    def _partition(self, key: bytes) -> int:
        """The partition that every Kafka client gives a key; remembered, as the hash is slow in Python."""
        partition = self._partition_of.get(key)
        if partition is None:
            if len(self._partition_of) >= _CACHED_KEYS:
                self._partition_of.clear()
            partition = (murmur2(key) & 0x7FFFFFFF) % self._partitions
            self._partition_of[key] = partition
        return partition

    def _confirm(self, chunk: list[Any]) -> None:
        for future in chunk:
            if future.is_done and future.exception is None:
                continue
            try:
                future.get(timeout=_CONFIRM_SECONDS)
            except KafkaError as error:
                raise BrokerError(f"topic {self._topic}: a record was not confirmed: {error}") from error
