"""Run the demo's stages: each one a command, supervised and timed."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Console

from loaders.errors import ThroughlineError
from local.demo.progress import LogWatch, watching

_ATTEMPTS = 4
_LOOK_EVERY_SECONDS = 1.0


class StageError(ThroughlineError):
    """A stage of the demo failed for good. `is_told`: the command has printed its own error line."""

    def __init__(self, message: str, *, is_told: bool) -> None:
        super().__init__(message)
        self.is_told = is_told


class Services(Protocol):
    """What the runner needs of the local stack."""

    def dead(self) -> Sequence[str]:
        """The names of the services that should run and do not."""

    def revive(self, names: Sequence[str]) -> None:
        """Start these again and wait until they are healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One command of `throughline`."""

    title: str
    arguments: Sequence[str]
    # A talkative command writes to this file, and shows only how far it is.
    log: Path | None = None

    @property
    def command(self) -> str:
        """As one would type it here."""
        return f"throughline {' '.join(self.arguments)}".replace(f"{Path.cwd()}/", "")


@dataclass(frozen=True, slots=True)
class Timing:
    title: str
    seconds: float


class Runner:
    """Runs commands one after another; a service or a command that is killed meanwhile is started again.

    That is right only because every command can be repeated at any point without doubling anything.
    """

    def __init__(
        self,
        *,
        services: Services,
        environment: Mapping[str, str],
        console: Console,
        keep_open: Sequence[int] = (),
        program: Sequence[str] = (str(Path(sys.executable).with_name("throughline")),),
    ) -> None:
        self._services = services
        self._environment = {**os.environ, **environment}
        self._console = console
        # Children inherit these descriptors: a lock on them is held until the last child is gone.
        self._keep_open = tuple(keep_open)
        self._program = program
        self.timings: list[Timing] = []

    def run(self, stage: Stage) -> None:
        """Run to success, else raise StageError. The time includes repetitions."""
        started = time.monotonic()
        self._console.print(f"[bold]{stage.title}[/]  [dim]{stage.command}[/]", highlight=False, soft_wrap=True)
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._console.print("  [yellow]it was interrupted: once more[/]")
            code, lost_service = self._attempt(stage)
            if code == 0:
                self.timings.append(Timing(stage.title, time.monotonic() - started))
                return
            if code > 0 and not lost_service:
                break
        log = f" (all of it: {stage.log})" if stage.log else ""
        # A command that was killed again and again could not say so.
        is_told = stage.log is None and code > 0
        raise StageError(f"`{stage.command}` failed{log}; mend that, and the demo goes on from there", is_told=is_told)

    def _attempt(self, stage: Stage) -> tuple[int, bool]:
        """The exit code, negative if killed, and whether a service was lost meanwhile."""
        if stage.log is None:
            return self._supervise(self._start(stage, None), None)
        with watching(self._console, stage.log) as watch:
            code, lost_service = self._supervise(self._start(stage, watch), watch)
        if code:
            watch.show_failure()
        return code, lost_service

    def _start(self, stage: Stage, watch: LogWatch | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self._program, *stage.arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=watch.output if watch else None,
            stderr=subprocess.STDOUT if watch else None,
            pass_fds=self._keep_open,
        )

    def _supervise(self, process: subprocess.Popen[bytes], watch: LogWatch | None) -> tuple[int, bool]:
        lost_service = False
        try:
            while process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=_LOOK_EVERY_SECONDS)
                lost_service |= self._revive_the_dead()
                if watch:
                    watch.update()
        finally:
            # Only where this loop was left by an exception or Ctrl-C.
            if process.poll() is None:
                process.kill()
                process.wait()
        return process.returncode, lost_service

    def _revive_the_dead(self) -> bool:
        dead = self._services.dead()
        if dead:
            self._console.print(f"  [yellow]{' and '.join(dead)} died: starting again[/]")
            self._services.revive(dead)
        return bool(dead)
