"""Python looks for cycles among objects after every 700 new ones. Records are many and have none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 200_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within this, cycles are looked for so seldom that it costs nothing; afterwards as before."""
    before = gc.get_threshold()
    gc.set_threshold(NEW_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
