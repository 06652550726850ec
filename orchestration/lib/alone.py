"""Work that refuses to run beside itself, and that ends when it lost its place."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from orchestration.lib.lock import BusyError, Holding, LockLostError, acquire

# How long a holder may be silent. Not shorter than a restart of the warehouse takes, in which nobody can beat.
PATIENCE_SECONDS = float(os.environ.get("THROUGHLINE_LOCK_SECONDS", "60"))


@contextmanager
def alone(
    connect: Callable[[], Client],
    database: str,
    name: str,
    *,
    holder: str,
    on_loss: Callable[[], None] = lambda: None,
    has_ended: Callable[[str], bool] = lambda _: False,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[Holding]:
    """Hold the lock `name` while inside, beating in a thread of its own.

    Raises BusyError at once when a living run has it. For the lock of a holder of whom `has_ended` says that it is
    over (a run that was killed and has not released it), it waits until the patience is. A run that loses its place
    (it was paused, or cut off from the warehouse, for longer than the patience) is told by `on_loss` and ends with
    LockLostError.
    """
    holding = _acquire(connect(), database, name, holder, has_ended, patience_seconds)
    heart = _Heart(Holding(connect(), database, name, holding.epoch), on_loss, patience_seconds / 4)
    heart.start()
    try:
        yield holding
    finally:
        heart.stop()
        if heart.lost:
            raise heart.lost
        holding.release()


def _acquire(
    client: Client, database: str, name: str, holder: str, has_ended: Callable[[str], bool], patience_seconds: float
) -> Holding:
    # A new warehouse has no database yet.
    client.command(f"create database if not exists {database}")
    deadline = time.monotonic() + patience_seconds + 5
    while True:
        try:
            return acquire(client, database, name, holder=holder, patience_seconds=patience_seconds)
        except BusyError as busy:
            if time.monotonic() > deadline or not has_ended(busy.holder):
                raise
        time.sleep(min(1, patience_seconds / 4))


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
