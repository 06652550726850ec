"""How far a talkative command is, read from its log: dbt says `12 of 80` on each line."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TimeElapsedColumn

_STEP = re.compile(rb"(\d+) of (\d+) (?:OK|PASS|WARN|ERROR|FAIL|SKIP|INSERT)")
_TAIL_LINES = 25
_TELL_EVERY_SECONDS = 10.0


class LogWatch:
    """One log file: where a command writes, what it says there."""

    def __init__(self, console: Console, path: Path, progress: Progress, task: TaskID, output: IO[bytes]) -> None:
        self._console = console
        self._path = path
        self._progress = progress
        self._task = task
        self._told_at = time.monotonic()
        self.output = output

    def update(self) -> None:
        steps = _STEP.findall(self._path.read_bytes())
        if not steps:
            return
        # Threads finish out of order: count the lines. Hooks at the end count for themselves.
        total = max(int(total) for _, total in steps)
        done = min(len(steps), total)
        self._progress.update(self._task, completed=done, total=total)
        # No bar moves in a file or a pipe.
        if not self._console.is_terminal and time.monotonic() - self._told_at > _TELL_EVERY_SECONDS:
            self._told_at = time.monotonic()
            self._console.print(f"  {done} of {total} done")

    def show_failure(self) -> None:
        """The end of the log, where a command says why it failed."""
        lines = self._path.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        self._console.print("\n".join(lines), markup=False, highlight=False, style="dim")


@contextmanager
def watching(console: Console, path: Path) -> Iterator[LogWatch]:
    """Open the log and show a bar until the command is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with path.open("wb") as output, Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield LogWatch(console, path, progress, task, output)
