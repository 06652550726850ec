"""The loaders of a run: processes that follow the topics, started again whenever they die, as a supervisor would."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from loaders.settings import Settings

COMMAND = [str(Path(sys.executable).parent / "throughline"), "load", "--follow"]


@dataclass(slots=True)
class Member:
    """One loader. `unexpected` notes each end that no fault of the run asked for."""

    name: str
    settings: Settings
    folder: Path
    fired: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    _process: "subprocess.Popen[bytes] | None" = None
    _failpoint: str = ""
    _wakes: float | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def is_stopped(self) -> bool:
        return self._wakes is not None

    def start(self, *, failpoint: str = "") -> None:
        environment = {**os.environ, **self.settings.as_environment(), "COLUMNS": "200"}
        self._failpoint = failpoint
        if failpoint:
            self._mark.unlink(missing_ok=True)
            environment |= {"THROUGHLINE_FAILPOINT": failpoint, "THROUGHLINE_FAILPOINT_FILE": str(self._mark)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(COMMAND, env=environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """As the system would when memory runs out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process, self._wakes = None, None

    def stop_for(self, seconds: float) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            self._wakes = monotonic() + seconds

    def end(self) -> None:
        """Ask it to end, and wait; it lands what it polled."""
        self.wake()
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.unexpected.append("did not end within 30 s of SIGTERM")
            self.kill()
            return
        self._process = None
        if code not in (0, -signal.SIGTERM):
            self.unexpected.append(f"ended with {code} when it was asked to end: {self._last_line()}")

    def wake(self) -> None:
        if self._wakes is not None and self._process is not None:
            self._process.send_signal(signal.SIGCONT)
        self._wakes = None

    def look_after(self) -> None:
        """Wake it up when it is time, and start it again if it died."""
        if self._wakes is not None and monotonic() >= self._wakes:
            self.wake()
        code = self._process.poll() if self._process is not None else -signal.SIGKILL
        if code is None:
            return
        if self._failpoint and self._mark.exists():
            self.fired.append(self._mark.read_text())
        elif self._process is not None:
            self.unexpected.append(f"ended with {code}: {self._last_line()}")
        self.start()

    @property
    def _mark(self) -> Path:
        return self.folder / f"{self.name}.fired"

    def _last_line(self) -> str:
        with suppress(IndexError):
            return self.log.read_text(errors="replace").strip().splitlines()[-1][:300]
        return ""
