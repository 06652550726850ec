"""The processes that keep dbt warm, in a folder of a test's own."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


@contextmanager
def folder_of_warm_processes() -> Iterator[Path]:
    """They end with it. The path of a socket is short."""
    folder = Path(tempfile.mkdtemp(prefix="warm-", dir="/tmp"))
    try:
        yield folder
    finally:
        for pid in warm_pids(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder)


def warm_pids(runtime: Path) -> list[int]:
    said = [int(lock.read_text() or 0) for lock in runtime.glob("*/*.lock")]
    return [pid for pid in said if pid and psutil.pid_exists(pid)]


def ran_warm(runtime: Path) -> int:
    """How many runs the warm processes had."""
    return sum(log.read_text().count("ended with") for log in runtime.glob("*/*.log"))
