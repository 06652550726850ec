"""Work that is due so many times a second."""

import time
from collections.abc import Iterator
from threading import Event


def numbers_due(per_second: float, stop: Event, *, look_seconds: float = 0.01) -> Iterator[range]:
    """From 0 on the numbers that came due since the last look, again and again until it is stopped."""
    began, done = time.monotonic(), 0
    while not stop.wait(look_seconds):
        due = int((time.monotonic() - began) * per_second)
        yield range(done, due)
        done = due
