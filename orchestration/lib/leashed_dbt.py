"""dbt that ends with the run that started it: a run that is killed leaves nobody behind who writes.

The program `throughline-dbt`. On systems other than Linux it is plain dbt, and the next run ends what is left.
"""

import contextlib
import ctypes
import gc
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # It may be too late to be told.
        if os.getppid() == 1:
            sys.exit(1)
    gc.disable()
    from dbt.cli.main import cli

    collect_seldom()
    cli()


def collect_seldom() -> None:
    """dbt keeps nearly all objects that it makes: looking for those in circles takes a quarter of its start."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()
