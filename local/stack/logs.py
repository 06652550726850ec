"""What an engine's log says of a failed start, as one line and the right kind of error."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.stack.errors import (
    CorruptDataError,
    FolderInUseError,
    NoSpaceError,
    NotStartedError,
    PortTakenError,
    StackError,
)

_TAIL = 65_536

_NO_SPACE = "No space left|NOT_ENOUGH_SPACE|Disk quota exceeded|File too large|Read-only file system|Permission denied"
_IN_USE = "Cannot lock file|Another server instance|Failed to acquire lock on file"
_CORRUPT = (
    "CHECKSUM_DOESNT_MATCH|CANNOT_READ_ALL_DATA|ATTEMPT_TO_READ_AFTER_EOF|TOO_MANY_UNEXPECTED_DATA_PARTS|CORRUPTED_DATA"
    "|BAD_SIZE_OF_FILE_IN_DATA_PART|NO_FILE_IN_DATA_PART|CANNOT_DECOMPRESS|UNKNOWN_CODEC|SYNTAX_ERROR"
    r"|Corrupt\w*Exception|Inconsistent\w+Exception|InvalidRecordException|SnapshotFormatException|NoSuchFileException"
    r"|meta\.properties|node ID not found|No FeatureLevelRecord|Load job '"
)

# Looked for in this order, in what the engine wrote since it was started.
_SIGNS: Sequence[tuple[str, type[StackError], str]] = (
    (_NO_SPACE, NoSpaceError, "cannot write its data folder {folder}; make room or permission"),
    ("Address already in use", PortTakenError, "cannot open its port: another program took it"),
    (_IN_USE, FolderInUseError, "finds its data folder {folder} open in another process; stop that one"),
    (
        _CORRUPT,
        CorruptDataError,
        "finds damaged data in {folder}; restore it from a backup, or remove it to start empty",
    ),
)


class LogMark:
    """The ends of some log files at one moment, to read later what was added."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._starts = {file: file.stat().st_size if file.exists() else 0 for file in files}

    def added(self) -> str:
        """At most the last 64 KiB of each file."""
        return "".join(_read_from(file, start) for file, start in self._starts.items())


def last_lines(file: Path, count: int) -> list[str]:
    return _read_from(file, 0).splitlines()[-count:]


def follow_lines(files: Sequence[Path]) -> Iterator[str]:
    """Whole lines as they are added to any of the files; never ends by itself."""
    positions = {file: file.stat().st_size for file in files}
    while True:
        for file in files:
            added = _read_from(file, positions[file])
            complete = added[: added.rfind("\n") + 1]
            positions[file] = min(positions[file], file.stat().st_size) + len(complete.encode())
            yield from complete.splitlines()
        time.sleep(0.5)


def explain(error: NotStartedError, *, added: str, folder: Path, log: Path) -> StackError:
    """The error that fits what the engine wrote, in one line."""
    name, added = folder.name, f"{added}\n{error}"
    for pattern, kind, advice in _SIGNS:
        match = re.search(pattern, added)
        if match:
            return kind(f"{name} {advice.format(folder=folder)} ({_complaint(added, pattern)}; see {log})")
    return NotStartedError(f"{error} ({_complaint(added, 'Exception|Error|ERROR|FATAL|error: ')}; see {log})")


def _complaint(text: str, pattern: str) -> str:
    """The line that says most: the first of an exception, else the first that fits the pattern."""
    lines = text.splitlines()
    for wanted in (r"Exception: ", pattern):
        for line in lines:
            if re.search(wanted, line):
                return _shorten(line)
    return "its log says nothing"


def _shorten(line: str) -> str:
    # Time stamps, threads and levels of either engine say nothing here, nor do ClickHouse's jobs that wait for jobs.
    line = re.sub(r"^.*?(?:<Error>|ERROR|WARN|FATAL)\s*", "", " ".join(line.split()))
    line = line.rpartition("Waited job failed: ")[2]
    return line if len(line) <= 240 else line[:237] + "..."


def _read_from(file: Path, start: int) -> str:
    if not file.exists():
        return ""
    size = file.stat().st_size
    with file.open("rb") as opened:
        # A file that shrank was rotated: all of it is new.
        opened.seek(max(start if start <= size else 0, size - _TAIL))
        return opened.read().decode(errors="replace")
