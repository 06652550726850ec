"""The loaders of a run: processes that follow the topics, started again whenever they die, as a supervisor would."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import RLock
from time import monotonic, sleep

from loaders.settings import Settings
from tests.loaders.faults.nursery import start_loader
from tests.loaders.faults.schedule import Deed


@dataclass(slots=True)
class Member:
    """One loader. `armed` are the failpoints that it has to die at, each until it did.

    `unexpected` notes each end that no fault of the run asked for; `died` is called with what it died of.
    """

    name: str
    settings: Settings
    folder: Path
    died: Callable[[Deed], None] = lambda _: None
    armed: list[str] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    _process: ForkServerProcess | None = None
    _wakes: float | None = None
    # The supervisor's thread and the one that does the deeds.
    _lock: RLock = field(default_factory=RLock)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def is_stopped(self) -> bool:
        return self._wakes is not None

    def start(self) -> None:
        environment = {**self.settings.as_environment(), "COLUMNS": "200"}
        with self._lock:
            if self.armed:
                self._mark.unlink(missing_ok=True)
                environment |= {"THROUGHLINE_FAILPOINT": self.armed[0], "THROUGHLINE_FAILPOINT_FILE": str(self._mark)}
            self._process = start_loader(environment, self.log)

    def kill(self) -> None:
        """As the system would when memory runs out."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join()
                self._process, self._wakes = None, None
                self.died("kill a loader")

    def stop(self, seconds: float) -> None:
        with self._lock:
            if self._process is not None:
                self._signal(signal.SIGSTOP)
                self._wakes = monotonic() + seconds

    def end(self) -> None:
        """Ask it to end, and wait; it lands what it polled."""
        with self._lock:
            self.wake()
            if self._process is None:
                return
            self._process.terminate()
            self._process.join(timeout=30)
            code = self._process.exitcode
            if code is None:
                self.unexpected.append("did not end within 30 s of SIGTERM")
                self._signal(signal.SIGUSR1)
                sleep(0.5)
                self.kill()
                return
            self._process = None
            # A loader that came by its failpoint as it ended, or had not yet begun to listen.
            if code not in (0, -signal.SIGTERM) and not self._has_fired():
                self.unexpected.append(f"ended with {code} when it was asked to end: {self._last_line()}")

    def end_and_start(self) -> None:
        with self._lock:
            self.end()
            self.start()

    def wake(self) -> None:
        with self._lock:
            if self._wakes is not None and self._process is not None:
                self._signal(signal.SIGCONT)
            self._wakes = None

    def look_after(self) -> None:
        """Wake it up when it is time, and start it again if it died."""
        # Whoever holds the lock sees to this loader himself.
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._wakes is not None and monotonic() >= self._wakes:
                self.wake()
            code = self._process.exitcode if self._process is not None else -signal.SIGKILL
            if code is None:
                return
            if not self._has_fired() and self._process is not None:
                self.unexpected.append(f"ended with {code}: {self._last_line()}")
            self.start()
        finally:
            self._lock.release()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def _has_fired(self) -> bool:
        if not self.armed or not self._mark.exists():
            return False
        self.armed.pop(0)
        self.fired.append(self._mark.read_text())
        self._mark.unlink()
        self.died("kill a loader at a failpoint")
        return True

    @property
    def _mark(self) -> Path:
        return self.folder / f"{self.name}.fired"

    def _last_line(self) -> str:
        with suppress(IndexError, OSError):
            return self.log.read_text(errors="replace").strip().splitlines()[-1][:300]
        return ""
