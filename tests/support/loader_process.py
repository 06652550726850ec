"""The loader as a process of its own, so that it can be killed."""

import os
import subprocess
import sys
from pathlib import Path

from loaders.settings import Settings


def start(
    settings: Settings, *arguments: str, failpoint: str = "", fired: Path | None = None
) -> "subprocess.Popen[str]":
    """Run `throughline <arguments>`. With a failpoint it kills itself there and makes the file `fired`."""
    environment = {**os.environ, **settings.as_environment()}
    if failpoint:
        environment |= {"THROUGHLINE_FAILPOINT": failpoint, "THROUGHLINE_FAILPOINT_FILE": str(fired)}
    command = [str(Path(sys.executable).parent / "throughline"), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
