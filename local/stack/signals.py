"""How programs that start engines of their own end."""

import signal
import sys


def unwind_on_sigterm() -> None:
    """Let SIGTERM end this program by an exception, so that what it started is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
