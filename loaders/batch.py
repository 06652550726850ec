"""What waits to land: one buffer per stream, cut into batches by rows, bytes or age."""

from collections.abc import Container
from dataclasses import dataclass, field

from loaders.records import Partition, Range, Records, Run
from loaders.streams import Stream


@dataclass(frozen=True, slots=True)
class Limits:
    """A batch is cut when it reaches any of these."""

    rows: int
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one stream that land in one block. Runs are ordered by partition, so the block is sorted already."""

    stream: Stream
    runs: tuple[Run, ...]

    @property
    def rows(self) -> int:
        return sum(run.rows for run in self.runs)

    def ranges(self) -> list[Range]:
        return [run.range() for run in self.runs]

    def only(self, partitions: Container[Partition]) -> "Batch":
        """What the batch holds of these partitions."""
        return Batch(self.stream, tuple(run for run in self.runs if run.partition in partitions))


@dataclass(slots=True)
class Buffer:
    """Collects the records of one stream. The clock is handed in."""

    stream: Stream
    limits: Limits
    rows: int = 0
    size: int = 0
    since: float | None = None
    _runs: dict[Partition, Run] = field(default_factory=dict)

    def add(self, partition: Partition, records: Records, *, generation: int, expected: int, now: float) -> None:
        """Take records whose partition was read up to, not including, `expected` before."""
        if not records.offsets:
            return
        run = self._runs.get(partition)
        if run is None:
            run = self._runs[partition] = Run(partition, generation, expected)
        run.parts.append(records)
        self.rows += len(records.offsets)
        self.size += records.size
        if self.since is None:
            self.since = now

    def is_due(self, now: float) -> bool:
        return self.is_full() or (self.since is not None and now - self.since >= self.limits.seconds)

    def is_full(self) -> bool:
        return self.rows >= self.limits.rows or self.size >= self.limits.size

    def cut(self) -> Batch | None:
        """All that was collected, as a batch; None if there is nothing."""
        runs = tuple(self._runs[partition] for partition in sorted(self._runs))
        self._runs, self.rows, self.size, self.since = {}, 0, 0, None
        return Batch(self.stream, runs) if runs else None

    def drop(self, partition: Partition) -> None:
        """Forget a partition that was taken away: its new owner reads it again."""
        run = self._runs.pop(partition, None)
        if run is not None:
            self.rows -= run.rows
            self.size -= sum(part.size for part in run.parts)
        if not self._runs:
            self.since = None
