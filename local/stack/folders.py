"""Room and permission to write, told before an engine trips over their lack."""

import contextlib
import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from local.stack.errors import FolderInUseError, NoSpaceError

# Below this the engines start and then fail in the middle of a write.
MIN_FREE_BYTES = 300_000_000
_UNWRITABLE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST),
}


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn the system's refusal to write into NoSpaceError; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        reason = os.strerror(error.errno or 0).lower()
        where = error.filename or folder
        raise NoSpaceError(
            f"cannot write {where}: {reason};"
            " make room or permission, or choose another folder by THROUGHLINE_LOCAL_DIR"
        ) from error


def require_room(folder: Path) -> None:
    """Make the folder if it is not there, and see that it can hold data. Raises NoSpaceError."""
    with writing(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:
            raise NoSpaceError(
                f"cannot make {folder}: set THROUGHLINE_LOCAL_DIR to a folder that can be made"
            ) from error
        probe = folder / ".writable"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise NoSpaceError(
            f"disk full: {folder} has {free / 1e6:.0f} MB left and the local stack needs {MIN_FREE_BYTES / 1e6:.0f} MB;"
            " make room, or choose another folder by THROUGHLINE_LOCAL_DIR"
        )


@contextlib.contextmanager
def one_at_a_time(folder: Path, work: str = "starting or stopping", *, patience: float = 120) -> Iterator[None]:
    """Keep two commands from the same work in one folder at once: the second waits for the first.

    Raises FolderInUseError where the first takes longer than `patience`, in seconds.
    """
    with writing(folder):
        lock = os.open(folder / "stack.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise FolderInUseError(f"another `throughline` is {work} {folder}") from None
                time.sleep(0.1)
        yield
    finally:
        os.close(lock)
