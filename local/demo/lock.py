"""One demo at a time per folder, also when an earlier one was killed and its last command still works."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from loaders.errors import ThroughlineError

_PATIENCE_SECONDS = 300.0


class DemoBusyError(ThroughlineError):
    """Another demo is at work in the same folder."""


@contextmanager
def only_one(path: Path, *, console: Console, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[int]:
    """Hold the lock and yield its descriptor. A child that inherits the descriptor holds the lock as well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(descriptor, path, console=console, patience_seconds=patience_seconds)
        yield descriptor
    finally:
        # No explicit unlock: it would also take the lock from a child that is still at work.
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, *, console: Console, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    is_told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        if not is_told:
            console.print("Another demo, or the last command of one that was stopped, is at work: waiting for its end.")
            is_told = True
        if time.monotonic() > deadline:
            raise DemoBusyError(
                f"another demo has held {path} for {patience_seconds:.0f} s: stop it, then run this again"
            )
        time.sleep(0.2)
