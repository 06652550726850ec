"""Run `throughline` as a user would."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def throughline(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None, under: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `throughline <arguments>` on the stack of the folder; `under` is a program to run it under."""
    return subprocess.run(
        [*under, str(Path(sys.executable).parent / "throughline"), *arguments],
        env={**os.environ, "THROUGHLINE_LOCAL_DIR": str(folder), "COLUMNS": "200", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def failure(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that failed as it should: exit code 1, one line on stderr, no stack trace."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode == 1, done
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: "), done.stderr
    return lines[0]
