"""Replay files into the topics."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from loaders.settings import Settings
from local.produce.ahead import read_ahead
from local.produce.client import create_missing_topics, open_producer
from local.produce.ends import standing_in
from local.produce.errors import BadLineError, ForeignRecordsError
from local.produce.mapping import CsvMapping
from local.produce.message import BadLine, Message
from local.produce.reading import Reading
from local.produce.sender import Sender
from local.produce.sources import Source
from local.produce.topics import topics_of


class OnError(StrEnum):
    """What to do with a line that holds no message: it is counted and reported in any case."""

    SKIP = "skip"
    STOP = "stop"
    KEEP = "keep"  # send its bytes as they are, where a topic takes them


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run has sent."""

    sent: dict[str, int]  # by topic, kept bad lines included
    bad_lines: int
    seconds: float

    @property
    def records(self) -> int:
        return sum(self.sent.values())

    @property
    def records_per_second(self) -> float:
        return self.records / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom to tell: of bytes read so far, and of bad lines."""

    on_position: Callable[[int], None] = lambda position: None
    on_bad_line: Callable[[Path, BadLine], None] = lambda path, bad: None


@dataclass(frozen=True, slots=True)
class Pace:
    """Sends as time went by in the data, `speed` times as fast. Clock and sleep are handed in for tests."""

    speed: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _begun: list[tuple[float, int]] = field(default_factory=list)

    def wait_for(self, time_ms: int) -> None:
        """Sleep until a message of this time is due. The first is due at once; times that go back wait no more."""
        if not self._begun:
            self._begun.append((self.clock(), time_ms))
        start, first_ms = self._begun[0]
        due = start + (time_ms - first_ms) / 1000 / self.speed
        remaining = due - self.clock()
        if remaining > 0:
            self.sleep(remaining)


def produce(
    sources: Sequence[Source],
    settings: Settings,
    *,
    on_error: OnError = OnError.SKIP,
    mapping: CsvMapping | None = None,
    topic: str | None = None,
    pace: Pace | None = None,
    listener: Listener | None = None,
    resume: bool = False,
) -> Summary:
    """Send every message of `sources`, file by file; with a pace the files run side by side.

    `resume` passes over what an earlier run of the same sources has sent: the topics must hold nothing else.

    All records are confirmed when it returns. Raises ProduceError; what was sent before it stays sent.
    """
    heard = listener or Listener()
    began = time.monotonic()
    topics = topics_of({source.stream for source in sources}, settings, topic)
    create_missing_topics(settings, topics)
    already = standing_in(settings, topics.values()) if resume else {}
    chunks = read_ahead(Reading(sources, mapping, by_time=pace is not None))
    bad_lines = 0
    with closing(chunks), _rare_garbage_collection(), open_producer(settings) as producer:
        now_ms = int(time.time() * 1000)
        wait = pace.wait_for if pace else None
        senders = {
            name: Sender(producer, name, now_ms, already=already.get(name), wait=wait) for name in topics.values()
        }
        try:
            for entries, position in chunks:
                for place, line, content in entries:
                    source = sources[place]
                    if isinstance(content, BadLine):
                        bad_lines += 1
                        heard.on_bad_line(source.path, content)
                        if on_error is OnError.STOP:
                            raise BadLineError(source.path, line, content.reason)
                        if on_error is OnError.SKIP or content.value is None:
                            continue
                        content = Message(None, content.value, None)
                    senders[topics[source.stream]].send(content)
                heard.on_position(position)
        finally:
            for sender in senders.values():
                sender.close()
    heard.on_position(sum(source.size for source in sources))
    for name, sender in senders.items():
        if sender.missed:
            raise ForeignRecordsError(name, f"{sender.missed:,} records")
    sent = Counter({name: sender.sent for name, sender in senders.items()})
    return Summary(dict(sent), bad_lines, time.monotonic() - began)


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Each record sent is a young object with a cycle: by default Python searches among them a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
