"""Files of messages, plain or compressed, read line by line."""

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import zstandard

from local.produce.errors import SourceError

STREAMS = ("events", "identities", "people")
_PACKED = (".gz", ".zst")
_KINDS = (".ndjson", ".jsonl", ".json", ".csv")


@dataclass(frozen=True, slots=True)
class Source:
    """One file and the stream (`events`, `identities`, `people`) that it goes to."""

    path: Path
    stream: str

    @property
    def is_csv(self) -> bool:
        return _kind(self.path) == ".csv"

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def find_sources(paths: Sequence[Path], stream: str | None = None) -> list[Source]:
    """The files that these files and folders name.

    A folder gives the files in it that are named after a stream. Without `stream` a file goes to the stream that its
    name begins with, else to `events`. Raises SourceError where nothing can be read.
    """
    sources = []
    for path in paths:
        if path.is_dir():
            found = [each for name in STREAMS for each in sorted(path.iterdir()) if _is_stream_file(each, name)]
            if not found:
                raise SourceError(f"{path} holds no events.ndjson, identities.ndjson or people.ndjson (.gz, .zst)")
            sources += [Source(each, stream or _stream_of(each)) for each in found]
        elif not path.is_file():
            raise SourceError(f"{path} is not there")
        elif _kind(path) not in _KINDS:
            raise SourceError(f"{path} is neither NDJSON nor CSV: expected {', '.join(_KINDS)}, plain, .gz or .zst")
        else:
            sources.append(Source(path, stream or _stream_of(path)))
    return sources


class LineReader:
    """The lines of one file as they stand, with their numbers from 1.

    `position` is how many bytes of the file, compressed or not, have been read: for a progress bar.
    Raises SourceError, with the number of the last good line, where the compressed data is corrupt.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    @property
    def position(self) -> int:
        return self._file.tell() if self._file and not self._file.closed else 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        number = 0
        try:
            with self.path.open("rb") as file:
                self._file = file
                for number, line in enumerate(_unpacked(self.path, file), start=1):
                    yield number, line
        except (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise SourceError(f"{self.path}: corrupt after line {number}: {error}") from error
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read: {error.strerror or error}") from error


def _unpacked(path: Path, file: IO[bytes]) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(file)  # type: ignore[return-value]
    if path.suffix == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        return io.BufferedReader(reader, 1 << 17)
    return file


def _kind(path: Path) -> str:
    name = path.with_suffix("") if path.suffix in _PACKED else path
    return name.suffix.lower()


def _stream_of(path: Path) -> str:
    return next((stream for stream in STREAMS if path.name.startswith(stream)), "events")


def _is_stream_file(path: Path, stream: str) -> bool:
    return path.name.split(".")[0] == stream and _kind(path) in _KINDS and path.is_file()
