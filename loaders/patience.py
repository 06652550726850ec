"""How long an outage is waited for."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep

from loaders.errors import ThroughlineError

LONGEST_PAUSE = 3.0
# An outage is over when nothing failed for this long; the next failure begins a new one.
QUIET_SECONDS = 30.0


@dataclass(slots=True)
class Patience:
    """Called with the error of each failed attempt: pauses, longer each time, and raises it after `seconds` of outage.

    None waits for ever. `is_stopping` ends the waiting at once: somebody wants the process to end.
    """

    seconds: float | None
    is_stopping: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], None] = sleep
    _since: float = 0.0
    _last: float = float("-inf")
    _pause: float = 0.0

    def __call__(self, error: ThroughlineError) -> None:
        now = self.clock()
        if now - self._last > QUIET_SECONDS:
            self._since, self._pause = now, 0.1
        if self.is_stopping() or (self.seconds is not None and now - self._since >= self.seconds):
            raise error
        self.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._last = self.clock()
