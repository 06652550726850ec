"""The breaker: a flood of unusable records is a broken producer, and stops the loader before it fills the sideline."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from loaders.errors import BreakerTrippedError


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """More than `share` of `window` records in a row unusable, or `run` unusable ones without a usable one between."""

    share: float
    window: int
    run: int


@dataclass(slots=True)
class Breaker:
    """Watches one topic, in the order in which its records land."""

    topic: str
    limits: BreakerLimits
    _seen: int = 0
    _run: int = 0
    _last: int = -2
    _recent: deque[int] = field(default_factory=deque)

    def observe(self, records: int, unusable: Sequence[int]) -> None:
        """Take note of so many records, of which those at the places `unusable` (0-based, rising) are unusable.

        Raises `BreakerTrippedError` at the first record that goes over a limit.
        """
        for place in unusable:
            self._observe_unusable(self._seen + place)
        self._seen += records

    def _observe_unusable(self, place: int) -> None:
        limits = self.limits
        self._run = self._run + 1 if place == self._last + 1 else 1
        self._last = place
        self._recent.append(place)
        while self._recent[0] <= place - limits.window:
            self._recent.popleft()
        if self._run >= limits.run:
            self._trip(f"{self._run:,} records in a row are unusable")
        if len(self._recent) > limits.share * limits.window:
            self._trip(f"{len(self._recent):,} of the last {limits.window:,} records are unusable")

    def _trip(self, what: str) -> None:
        raise BreakerTrippedError(
            f"{self.topic}: {what}, so the loader stopped; nothing is lost. See `throughline sideline list`, mend the "
            f"producer, then `throughline topics resume {self.topic}`"
        )
