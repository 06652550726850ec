"""Loaders as processes that begin with all modules read: a start costs a tenth of a second instead of three.

What runs is `throughline load --follow` as its command line would run it, in a process of its own.
"""

import faulthandler
import importlib
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from loaders import failpoints

_context = get_context("forkserver")
_context.set_forkserver_preload(
    ["pytest", "tests.loaders.faults.trial", "loaders.follow", "confluent_kafka", "local.cli", "local.load_screen"]
)


def start_loader(environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """A loader with these variables, whose output goes to the end of the log."""
    process = _context.Process(target=_load, args=(dict(environment), str(log)), daemon=True)
    process.start()
    return process


def _load(environment: Mapping[str, str], log: str) -> None:
    from local import cli

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    # Where all its threads are, should it hang.
    faulthandler.register(signal.SIGUSR1)
    os.environ.update(environment)
    # It reads the environment as it is imported.
    importlib.reload(failpoints)
    sys.argv = ["throughline", "load", "--follow"]
    cli.main()
