"""The loop of a loader: poll, buffer, land, for any number of topics.

One thread polls and encodes nothing; another lands one batch at a time, in order. So a partition's batches land in the
order of their offsets, and at most three batches are in memory: one that lands, one that waits, one that fills.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from time import monotonic

from loaders.batch import Batch, Buffer, Limits
from loaders.errors import FencedError
from loaders.failpoints import failpoint
from loaders.landing import Landed
from loaders.records import Partition, Range, Records
from loaders.source import Source
from loaders.streams import Stream

POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Owned:
    """A partition that this loader reads."""

    stream: Stream
    generation: int


@dataclass(slots=True)
class Loop:
    """Reads what it owns until it is told to stop. `land` runs on the landing thread and may take its time."""

    source: Source
    land: Callable[[Batch], list[Landed]]
    limits: Limits
    landed: Callable[[list[Landed]], None]
    clock: Callable[[], float] = monotonic
    owned: dict[Partition, Owned] = field(default_factory=dict)
    positions: dict[Partition, int] = field(default_factory=dict)
    _buffers: dict[Stream, Buffer] = field(default_factory=dict)
    _landing: "Future[list[Landed]] | None" = None
    _batch: Batch | None = None
    _paused: bool = False
    _active: float = field(default_factory=monotonic)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="landing"))

    def own(self, owned: Mapping[Partition, Owned], positions: Mapping[Partition, int]) -> None:
        """Read these partitions too, which were read up to, not including, these offsets before."""
        self.owned.update(owned)
        self.positions.update(positions)
        for stream in {owner.stream for owner in owned.values()}:
            self._buffers.setdefault(stream, Buffer(stream, self.limits))

    def disown(self, partitions: Sequence[Partition]) -> None:
        """Stop reading these. What is buffered of them is dropped: whoever reads them next starts at what is landed."""
        for partition in partitions:
            owner = self.owned.pop(partition, None)
            self.positions.pop(partition, None)
            if owner is not None:
                self._buffers[owner.stream].drop(partition)

    def step(self) -> None:
        """Poll once, and land what is due."""
        if self._paused and self._landing is not None:
            # There is room again when this one has landed, and until then nothing comes.
            wait([self._landing], timeout=POLL_SECONDS)
        for partition, records in self.source.poll(0.0 if self._paused else POLL_SECONDS).items():
            self._take(partition, records)
        failpoint("after_poll")
        self._collect(wait=False)
        now = self.clock()
        # The one that waited longest first, or a busy stream would keep a quiet one from landing.
        due = [buffer for buffer in self._buffers.values() if buffer.is_due(now)]
        for buffer in sorted(due, key=lambda buffer: buffer.since or now):
            self._submit(buffer)
        self._hold_back()

    def drain(self) -> None:
        """Land all that was polled."""
        for buffer in self._buffers.values():
            self._collect(wait=True)
            self._submit(buffer)
        self._collect(wait=True)

    def idle_seconds(self) -> float:
        """For how long nothing came and nothing landed."""
        if self._landing is not None:
            self._active = self.clock()
        return self.clock() - self._active

    def passed(self, positions: Mapping[Partition, int]) -> list[Range]:
        """What Kafka kept to itself past the last record of these partitions, by the positions of their reading."""
        return [
            Range(partition, self.owned[partition].generation, self.positions[partition], position - 1, 0)
            for partition, position in positions.items()
            if partition in self.owned and position > self.positions[partition]
        ]

    @property
    def is_landing(self) -> bool:
        """Whether a batch is on its way."""
        return self._landing is not None

    @property
    def is_held_back(self) -> bool:
        """Whether fetching is paused because batches wait to land."""
        return self._paused

    def settle(self) -> None:
        """Wait for the batch that is landing."""
        self._collect(wait=True)

    def close(self) -> None:
        """Wait for the batch that is landing, whatever its outcome."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _take(self, partition: Partition, records: Records) -> None:
        owner = self.owned.get(partition)
        if owner is None:
            return
        self._buffers[owner.stream].add(
            partition, records, generation=owner.generation, expected=self.positions[partition], now=self.clock()
        )
        self.positions[partition] = records.next_offset
        self._active = self.clock()

    def _submit(self, buffer: Buffer) -> None:
        if self._landing is not None:
            return
        batch = buffer.cut()
        if batch is not None:
            self._start(batch)

    def _start(self, batch: Batch) -> None:
        self._batch = batch
        self._landing = self._thread.submit(self.land, batch)

    def _collect(self, *, wait: bool) -> None:
        while self._landing is not None and (wait or self._landing.done()):
            landing, self._landing = self._landing, None
            try:
                self.landed(landing.result())
            except FencedError:
                self._land_what_is_still_owned()

    def _land_what_is_still_owned(self) -> None:
        """A partition that moved to another loader kept its batch from landing: land the others.

        Raises `FencedError` where this loader still takes all of them for its own.
        """
        batch = self._batch
        still = batch.only(self.owned) if batch is not None else None
        if batch is None or still is None or len(still.runs) == len(batch.runs):
            raise FencedError("another loader has taken over the partitions of this one; it landed nothing since then")
        if still.runs:
            self._start(still)

    def _hold_back(self) -> None:
        """Fetch nothing more while a full batch waits for the one before it: memory stays bounded."""
        is_full = any(buffer.is_full() for buffer in self._buffers.values())
        if is_full and not self._paused:
            self.source.pause()
        elif not is_full and self._paused:
            self.source.resume()
        self._paused = is_full
