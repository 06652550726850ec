"""How dbt is held by whoever started it, and how seldom it looks for garbage."""

import contextlib
import ctypes
import gc
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Be killed as the parent dies, where the system offers it (Linux)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # It may be too late to be told.
        if os.getppid() == 1:
            os._exit(1)


def collect_seldom() -> None:
    """dbt keeps nearly all objects that it makes: looking for those in circles takes a quarter of its start."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()
