"""The demo as a newcomer runs it: the real command, in a folder and with a stack of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.stack import Stack
from tests.support.processes import command_of

THROUGHLINE = str(Path(sys.executable).with_name("throughline"))


@dataclass(frozen=True)
class Ended:
    """How a command ended and all that it printed."""

    code: int
    output: str


@dataclass(frozen=True)
class DemoFolder:
    """One local folder in which demos run."""

    stack: Stack

    def run(self, *arguments: str, on: Mapping[str, Callable[[int], None]] | None = None) -> Ended:
        """Run `throughline <arguments>`. When a printed line begins with a key of `on`, its deed is done, once.

        A deed is told the process id of the command.
        """
        deeds = dict(on or {})
        process = subprocess.Popen(
            [THROUGHLINE, *arguments],
            env={**os.environ, "THROUGHLINE_LOCAL_DIR": str(self.stack.folder), "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            for begin in [begin for begin in deeds if line.startswith(begin)]:
                deeds.pop(begin)(process.pid)
        assert not deeds, f"never came to {list(deeds)}: {''.join(lines)}"
        return Ended(process.wait(), "".join(lines))


def child_of(pid: int, command: str) -> psutil.Process:
    """The child of a demo that runs this command of `throughline`; waits until it is there."""
    while True:
        for child in psutil.Process(pid).children():
            if command in command_of(child):
                return child
