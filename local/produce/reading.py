"""What the lines of all files hold, in the order in which it is sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import NamedTuple

from local.produce.csv_rows import read_csv, require_ids_of_their_own
from local.produce.errors import MappingError
from local.produce.mapping import CsvMapping
from local.produce.message import BadLine, Message, read_json, sendable
from local.produce.sources import LineReader, Source

_CHUNK = 2_000


class Entry(NamedTuple):
    """What one line holds."""

    source: int  # its place among the sources
    line: int  # from 1
    content: Message | BadLine


class Chunk(NamedTuple):
    """Some entries, and how many bytes of all files have been read by then."""

    entries: list[Entry]
    position: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Files to read: one after another, or `by_time` side by side."""

    sources: Sequence[Source]
    mapping: CsvMapping | None = None
    by_time: bool = False

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(source.size for source in self.sources)

    def chunks(self) -> Iterator[Chunk]:
        """Raises SourceError where a file cannot be read, MappingError where CSV does not fit the mapping."""
        if self.mapping:
            require_ids_of_their_own(self.mapping, [source.path for source in self.sources if source.is_csv])
        readers = [LineReader(source.path) for source in self.sources]
        entries = self._in_turn([self._entries(place, reader) for place, reader in enumerate(readers)])
        while chunk := list(islice(entries, _CHUNK)):
            yield Chunk(chunk, sum(reader.position for reader in readers))

    def _entries(self, place: int, reader: LineReader) -> Iterator[Entry]:
        source = self.sources[place]
        if source.is_csv:
            if self.mapping is None:
                raise MappingError(f"{source.path} is CSV: say with --mapping which column is what")
            for number, content in read_csv(reader, self.mapping, source.path):
                yield Entry(place, number, sendable(number, content))
        else:
            for number, line in reader:
                if stripped := line.rstrip(b"\r\n"):
                    yield Entry(place, number, sendable(number, read_json(number, stripped)))

    def _in_turn(self, streams: Sequence[Iterator[Entry]]) -> Iterator[Entry]:
        """File after file, or all of them by time: a file's own order is kept, so late messages stay late."""
        if not self.by_time or len(streams) == 1:
            for stream in streams:
                yield from stream
            return
        for _, _, entry in merge(*map(_with_times, streams), key=lambda each: each[:2]):
            yield entry


def _with_times(stream: Iterator[Entry]) -> Iterator[tuple[int, int, Entry]]:
    latest = 0
    for entry in stream:
        if isinstance(entry.content, Message) and entry.content.time_ms is not None:
            latest = max(latest, entry.content.time_ms)
        yield latest, entry.source, entry
