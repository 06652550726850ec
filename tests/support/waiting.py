"""Waiting for what another process does."""

import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Look again and again until it holds. Fails after so many seconds, and says of what."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)
