"""What a loader does between Kafka and ClickHouse besides moving records: claim, find positions, keep the books."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from loaders import passed, ranges, stops
from loaders.batch import Batch
from loaders.breaker import Breaker, BreakerLimits
from loaders.claims import Claims
from loaders.errors import BreakerTrippedError, PositionLostError
from loaders.failpoints import failpoint
from loaders.landing import Landed, Lander
from loaders.loop import Owned
from loaders.positions import generations, highest_landed, next_offset
from loaders.records import Partition, Range
from loaders.sideline_topic import SidelineTopics
from loaders.source import Source
from loaders.streams import Stream
from loaders.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Taken:
    """Partitions that were taken over, where their reading goes on, and why it cannot for those that are stuck.

    It goes on at `positions`. That is past `expected`, the end of what is landed, where retention has come further.
    """

    owned: dict[Partition, Owned]
    positions: dict[Partition, int]
    expected: dict[Partition, int]
    stuck: dict[Partition, PositionLostError]


@dataclass(slots=True)
class Session:
    """One loader process at work. `land` is called from the landing thread, everything else from the polling one."""

    warehouse: Warehouse
    claims: Claims
    lander: Lander
    source: Source
    streams: dict[str, Stream]
    sideline: SidelineTopics
    breaker: BreakerLimits
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _watched_from: dict[Partition, int] = field(default_factory=dict)

    def take(self, partitions: Sequence[Partition]) -> Taken:
        """Claim the partitions, then ask the table where each of them goes on.

        Raises `BreakerTrippedError` where the breaker has stopped a topic of theirs and nobody has let it go on.
        """
        if not partitions:
            return Taken({}, {}, {}, {})
        topics = sorted({partition.topic for partition in partitions})
        if said := stops.stopped(self.warehouse, topics):
            raise BreakerTrippedError("; ".join(said))
        self.claims.take(self.warehouse, partitions)
        generation = generations(self.warehouse, topics)
        self._watched_from.update(stops.watched_from(self.warehouse, generation))
        highest = highest_landed(self.warehouse, self.streams, generation, partitions)
        logs = self.source.logs(partitions)
        for partition, last in highest.items():
            begins = {partition: logs[partition].begin}
            stream = self.streams[partition.topic]
            ranges.repair(self.warehouse, stream, generation[partition.topic], {partition: last}, begins)
            self.sideline.catch_up(stream, generation[partition.topic], partition)
        wanted = {partition: last + 1 for partition, last in highest.items()}
        behind = {partition: first for partition, first in wanted.items() if first < logs[partition].begin}
        nothing_up_to = passed.passed_from(self.warehouse, generation, behind)
        taken = Taken({}, {}, {}, {})
        for partition in partitions:
            try:
                position = next_offset(
                    partition, highest.get(partition), logs[partition], passed=nothing_up_to.get(partition, 0)
                )
                taken.positions[partition] = position
                taken.expected[partition] = wanted.get(partition, position)
                taken.owned[partition] = Owned(self.streams[partition.topic], generation[partition.topic])
            except PositionLostError as error:
                taken.stuck[partition] = error
                stream, topic = self.streams[partition.topic], partition.topic
                ranges.record_stuck(self.warehouse, stream, generation[topic], partition, error)
        return taken

    def land(self, batch: Batch) -> list[Landed]:
        """Land a batch and keep its books. A death on the way is repaired by the next `take`."""
        landed = self.lander.land(batch)
        failpoint("before_ranges")
        self.lander.retried(lambda: ranges.record(self.warehouse, batch.stream, landed))
        failpoint("before_sideline")
        for run, done in zip(batch.runs, landed, strict=True):
            self.sideline.send(run, done.unusable)
        self.lander.retried(self.sideline.mark_if_due)
        self._watch(batch, landed)
        return landed

    def settle(self, gaps: Sequence[Range]) -> None:
        """After all that was polled has landed: write what is owed. `gaps` are what Kafka kept to itself at the end."""
        self.lander.retried(self.sideline.mark)
        self.lander.retried(lambda: self.note_passed(gaps))

    def note_passed(self, gaps: Sequence[Range]) -> None:
        """Write what Kafka kept to itself past the last records. Nothing may be landing meanwhile."""
        passed.record(self.warehouse, gaps)

    def _watch(self, batch: Batch, landed: Sequence[Landed]) -> None:
        """Stop the topic, and raise, where the batch brought more unusable records than the breaker allows."""
        for run, done in zip(batch.runs, landed, strict=True):
            if run.first < self._watched_from.get(run.partition, 0):
                continue
            topic = run.partition.topic
            breaker = self._breakers.setdefault(topic, Breaker(topic, self.breaker))
            try:
                breaker.observe(run.rows, [found.place for found in run.find(bad.offset for bad in done.unusable)])
            except BreakerTrippedError as error:
                self.lander.retried(partial(stops.record_stop, self.warehouse, done.range, error))
                raise
