"""One detached child process: started once, known again by more than its pid, stopped by pid."""

import contextlib
import fcntl
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from local.stack.errors import NotStartedError, FolderInUseError


@dataclass(frozen=True)
class Identity:
    """A process for good: pids are handed out again, a pid with its start never is."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid, _start_of(pid))


def _start_of(pid: int) -> str:
    """When a process started, told by a clock that no correction of the wall clock moves (on Linux)."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        with contextlib.suppress(OSError, IndexError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            # The command's name may hold spaces and brackets: fields are counted after its last bracket.
            return f"{boot}:{stat.read_text().rpartition(')')[2].split()[19]}"
    return f"{psutil.Process(pid).create_time():.2f}"


class Child:
    """A child process of a folder: `process.json` says which, `lock` is held by the child for as long as it lives."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.log = folder / f"{name}.log"
        self._pid_file = folder / "process.json"
        self._lock_file = folder / "lock"

    def find(self) -> psutil.Process | None:
        """The running child, or None if it ended, was never started, or its pid belongs to another process by now."""
        try:
            identity = Identity(**json.loads(self._pid_file.read_text()))
            process = psutil.Process(identity.pid)
            same = _start_of(identity.pid) == identity.started
        except (OSError, ValueError, TypeError, psutil.Error):
            return None
        return process if same and _lives(process) else None

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], directory: Path) -> psutil.Process:
        """Start the child in a session of its own, so that Ctrl-C in the terminal does not reach it.

        Raises FolderInUseError where a process that `process.json` does not name has the folder.
        """
        with self._locked() as lock, self.log.open("ab") as log:
            started = subprocess.Popen(
                command,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock],
            )
            identity = json.dumps(asdict(Identity.of(started.pid)))
            self._pid_file.write_text(identity + "\n")
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(started.pid).encode(), 0)
        return psutil.Process(started.pid)

    def stop(self, *, patience: float) -> bool:
        """End the child and its children; True if it ran. Asks first, and kills what is left after `patience` seconds."""
        process = self.find()
        if process is None:
            self._pid_file.unlink(missing_ok=True)
            return False
        family = [process, *_children(process)]
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
        psutil.wait_procs([process], timeout=patience)
        # Children that outlive their parent have had their time too.
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.terminate() if member is not process else member.kill()
        _, alive = psutil.wait_procs(family, timeout=5)
        for member in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(alive, timeout=5)
        self._pid_file.unlink(missing_ok=True)
        return True

    def kill(self) -> bool:
        """End the child as a crash would (kill -9); its pid file stays, as after a crash."""
        process = self.find()
        if process is None:
            return False
        family = [process, *_children(process)]
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=10)
        return True

    def log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def log_since(self, offset: int) -> str:
        """What the child wrote after `offset`, at most its last 64 KiB."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(max(offset, self.log_size() - 65_536))
            return log.read().decode(errors="replace")
        return ""

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = self._lock_file.read_text().strip() or "unknown"
                raise FolderInUseError(
                    f"{self.name}: {self.folder} is open in another running process (pid {owner}); stop that one first"
                ) from None
            yield lock
        finally:
            os.close(lock)


def wait_until(answers: Callable[[], bool], process: psutil.Process, *, seconds: float) -> None:
    """Return once `answers()` is true. Raises NotStartedError when the process ends before, or the time is over."""
    deadline = time.monotonic() + seconds
    while not answers():
        if not _lives(process):
            raise NotStartedError("ended while it started")
        if time.monotonic() > deadline:
            raise NotStartedError(f"did not answer within {seconds:.0f} s")
        time.sleep(0.1)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
