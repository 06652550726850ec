"""A Kafka in memory: a `Source` with real behaviour, and a publisher that keeps what it gets."""

from collections.abc import Iterable, Mapping, Sequence

from loaders.positions import Log
from loaders.records import Partition, Records
from loaders.sideline_topic import Message
from loaders.source import Assigned, Revoked
from tests.support.judge import KAFKA_MS


class NoPublisher:
    """Keeps messages instead of sending them."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def publish(self, messages: Sequence[Message]) -> None:
        self.sent += messages


class MemorySource:
    """Partitions whose records are given; each poll hands out up to `page` of each."""

    def __init__(self, records: Mapping[Partition, Sequence[bytes]], *, page: int = 1000) -> None:
        self.records, self.page = dict(records), page
        self._positions: dict[Partition, int] = {}
        self.is_paused = False
        self.committed: dict[Partition, int] = {}

    def topics(self) -> set[str]:
        return {partition.topic for partition in self.records}

    def partitions(self, topics: Iterable[str]) -> list[Partition]:
        wanted = set(topics)
        return sorted(partition for partition in self.records if partition.topic in wanted)

    def logs(self, partitions: Sequence[Partition]) -> dict[Partition, Log]:
        return {partition: Log(0, len(self.records[partition])) for partition in partitions}

    def assign(self, positions: Mapping[Partition, int]) -> None:
        self._positions = dict(positions)

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Revoked) -> None:
        self._positions = dict(assigned(self.partitions(topics)))

    def poll(self, seconds: float) -> dict[Partition, Records]:
        if self.is_paused:
            return {}
        polled = {partition: self._next(partition) for partition in self._positions}
        return {partition: records for partition, records in polled.items() if records is not None}

    def position(self, partition: Partition) -> int:
        return self._positions[partition]

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self.committed.update(positions)

    def confirm_name(self) -> None:
        """Nobody else is there."""

    def close(self) -> None:
        self._positions = {}

    def _next(self, partition: Partition) -> Records | None:
        start = self._positions[partition]
        values = tuple(self.records[partition][start : start + self.page])
        if not values:
            return None
        count = len(values)
        self._positions[partition] = start + count
        offsets = tuple(range(start, start + count))
        size = sum(map(len, values))
        return Records(offsets, (KAFKA_MS,) * count, (None,) * count, values, ((),) * count, size, start + count)
