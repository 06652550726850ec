"""One detached child process: started once, known again by more than its pid, stopped by pid."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from local.stack.errors import FolderInUseError, NotStartedError

# In the environment of every child and its children: tells them from strangers once their parent is gone.
_MARK = "THROUGHLINE_STACK_SERVICE"


@dataclass(frozen=True)
class Identity:
    """A process for good: pids are handed out again, a pid with its start never is."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid, _start_of(pid))


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
        identity = self._recorded()
        if identity is None:
            return None
        try:
            process = psutil.Process(identity.pid)
            return process if _start_of(identity.pid) == identity.started and lives(process) else None
        except (OSError, psutil.Error):
            return None

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], directory: Path) -> psutil.Process:
        """Start the child in a session of its own, so that Ctrl-C in the terminal does not reach it.

        Raises FolderInUseError as `require_free` does.
        """
        with self._locked() as lock, self.log.open("ab") as log, _signals_heard():
            started = subprocess.Popen(
                command,
                cwd=directory,
                env={**environment, _MARK: str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock],
            )
            self._pid_file.write_text(json.dumps(asdict(Identity.of(started.pid))) + "\n")
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(started.pid).encode(), 0)
        return psutil.Process(started.pid)

    def require_free(self) -> None:
        """Raises FolderInUseError where a process that `process.json` does not name has the folder."""
        if self._lock_file.exists():
            with self._locked():
                pass

    def stop(self, *, patience: float) -> bool:
        """End the child and all that it started; True if any ran. Asks first, kills after `patience` seconds."""
        process, family = self.find(), self._family()
        if process is not None:
            _signal([process], psutil.Process.terminate)
            wait_gone([process], seconds=patience)
        for act in (psutil.Process.terminate, psutil.Process.kill):
            left = [member for member in family if lives(member)]
            _signal(left, act)
            wait_gone(left, seconds=5)
        self._pid_file.unlink(missing_ok=True)
        return bool(family)

    def kill(self) -> bool:
        """End the child as a crash would (kill -9); its pid file stays, as after a crash."""
        family = self._family()
        _signal(family, psutil.Process.kill)
        wait_gone(family, seconds=10)
        return bool(family)

    def wait_until(self, answers: Callable[[], bool], process: psutil.Process, *, seconds: float) -> None:
        """Return once `answers()` is true. Raises NotStartedError when the process ends before, or the time is over."""
        deadline = time.monotonic() + seconds
        while not answers():
            if not lives(process):
                raise NotStartedError(f"{self.name} ended while it started")
            if time.monotonic() > deadline:
                raise NotStartedError(f"{self.name} did not answer within {seconds:.0f} s")
            time.sleep(0.1)

    def _family(self) -> list[psutil.Process]:
        """The child and what it started, also where the child itself is gone already."""
        identity, process = self._recorded(), self.find()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                return [process, *process.children(recursive=True)]
        if identity is None:
            return []
        return [member for member in psutil.process_iter() if self._is_orphan(member, session=identity.pid)]

    def _is_orphan(self, process: psutil.Process, *, session: int) -> bool:
        try:
            return os.getsid(process.pid) == session and process.environ().get(_MARK) == str(self.folder)
        except (OSError, psutil.Error):
            return False

    def _recorded(self) -> Identity | None:
        try:
            return Identity(**json.loads(self._pid_file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = self._lock_file.read_text().strip() or "unknown"
                raise FolderInUseError(
                    f"{self.folder} belongs to another running process (pid {owner}): stop that {self.name} first"
                ) from None
            yield lock
        finally:
            os.close(lock)


@contextlib.contextmanager
def _signals_heard() -> Iterator[None]:
    """What is started meanwhile hears SIGTERM, also where this process ignores it: children inherit that.

    SIGINT as well, which a shell's background jobs ignore: Dagster does on SIGTERM what it does on SIGINT.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ignored = [number for number in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def lives(process: psutil.Process) -> bool:
    """Whether any thread of the process is left: until the last one is gone, it holds its files, locks and ports.

    The first thread may end before the others, as under SIGKILL: the process looks like a zombie then, and is none.
    """
    try:
        if not process.is_running():
            return False
        return process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
    except psutil.NoSuchProcess:
        return False


def wait_gone(processes: Sequence[psutil.Process], *, seconds: float) -> None:
    """Return when none of them lives, or the time is over.

    A process that ended while the one that started it goes on, and does not ask, stays as a zombie: it is gone too.
    """
    deadline = time.monotonic() + seconds
    while any(lives(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in processes:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)


def _signal(processes: Sequence[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            act(process)


def _start_of(pid: int) -> str:
    """When a process started, told by a clock that no correction of the wall clock moves (on Linux)."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The command's name may hold spaces and brackets: fields are counted after its last bracket.
        return f"{boot}:{stat.read_text().rpartition(')')[2].split()[19]}"
    return f"{psutil.Process(pid).create_time():.2f}"
