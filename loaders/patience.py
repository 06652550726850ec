"""How long an outage is waited for, and what is said of it."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep

from loaders.errors import ThroughlineError

LONGEST_PAUSE = 3.0
QUIET_SECONDS = 30.0
SAY_SECONDS = 60.0


@dataclass(slots=True)
class Patience:
    """Called with the error of each failed attempt: pauses, longer each time, and raises it after `seconds` of outage.

    None waits for ever. An outage ends with `over`, or when nothing failed for `quiet_seconds`: longer than an attempt
    may take. `is_stopping` ends the waiting at once: somebody wants the process to end. `say` is told of the first
    failure, of one a minute after that, and by `over` that it was waited for with success.
    """

    seconds: float | None
    quiet_seconds: float = QUIET_SECONDS
    is_stopping: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = lambda line: None
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], None] = sleep
    _since: float = 0.0
    _last: float = float("-inf")
    _pause: float = 0.0
    _said: float = float("-inf")
    _is_to_end: bool = False

    def __call__(self, error: ThroughlineError) -> None:
        now = self.clock()
        if now - self._last > self.quiet_seconds:
            self._since, self._pause = now, 0.1
        if self.is_stopping() or (self.seconds is not None and now - self._since >= self.seconds):
            raise error
        if now - self._said >= SAY_SECONDS:
            self.say(f"{error}; trying again")
            self._said, self._is_to_end = now, True
        self.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._last = self.clock()

    def over(self) -> None:
        """What was tried went well."""
        self._last = float("-inf")
        if self._is_to_end:
            self.say(f"landing again after {self.clock() - self._since:.0f} s")
            self._is_to_end = False
