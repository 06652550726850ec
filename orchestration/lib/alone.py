"""Work that refuses to run beside itself, and that ends when it lost its place."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from orchestration.lib.lock import Holding, LockLostError, acquire

PATIENCE_SECONDS = 60.0


@contextmanager
def alone(
    connect: Callable[[], Client],
    database: str,
    name: str,
    *,
    holder: str,
    on_loss: Callable[[], None] = lambda: None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[Holding]:
    """Hold the lock `name` while inside, beating in a thread of its own.

    Raises BusyError at once when a living run has it. A run that loses its place (it was paused, or cut off from the
    warehouse, for longer than the patience) is told by `on_loss` and ends with LockLostError.
    """
    holding = acquire(connect(), database, name, holder=holder, patience_seconds=patience_seconds)
    heart = _Heart(Holding(connect(), database, name, holding.epoch), on_loss, patience_seconds / 4)
    heart.start()
    try:
        yield holding
    finally:
        heart.stop()
        if heart.lost:
            raise heart.lost
        holding.release()


class _Heart(threading.Thread):
    """Beats until stopped. A beat that fails for another reason than loss is tried again: patience covers it."""

    def __init__(self, holding: Holding, on_loss: Callable[[], None], interval_seconds: float) -> None:
        super().__init__(name=f"heart of {holding.table}", daemon=True)
        self.lost: LockLostError | None = None
        self._holding = holding
        self._on_loss = on_loss
        self._interval_seconds = interval_seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._interval_seconds):
            with suppress(ClickHouseError, OSError):
                try:
                    self._holding.beat()
                except LockLostError as error:
                    self.lost = error
                    self._on_loss()
                    return

    def stop(self) -> None:
        self._stopped.set()
        self.join()
