"""Looks at processes that may end at any moment."""

from pathlib import Path

import psutil

# Of a socket that listens, in hexadecimal (SO_ACCEPTCON).
_LISTENS = "00010000"


def command_of(process: psutil.Process) -> list[str]:
    """Its command and arguments; empty once it has ended, though nobody has waited for it yet."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def listening_in(folder: Path) -> list[Path]:
    """The sockets in a folder that a process listens on: one that was killed or does not listen yet has a file too."""
    sockets = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
    paths = (Path(fields[7]) for fields in sockets if len(fields) == 8 and fields[3] == _LISTENS)
    return [path for path in paths if path.is_relative_to(folder)]
