"""Counts what landed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from loaders.landing import Landed
from loaders.summary import LoadSummary

Progress = Callable[[LoadSummary, int], None]
"""Is called after each landing with what was done so far and how many records are known to wait."""


@dataclass(slots=True)
class Tally:
    """The counts of one run."""

    clock: Callable[[], float] = monotonic
    started: float = field(default_factory=monotonic)
    by_topic: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, landed: Sequence[Landed]) -> None:
        for done in landed:
            usable, sidelined = self.by_topic.get(done.range.partition.topic, (0, 0))
            bad = len(done.unusable)
            self.by_topic[done.range.partition.topic] = (usable + done.range.rows - bad, sidelined + bad)

    def summary(self) -> LoadSummary:
        usable = sum(counts[0] for counts in self.by_topic.values())
        sidelined = sum(counts[1] for counts in self.by_topic.values())
        return LoadSummary(usable + sidelined, usable, sidelined, self.clock() - self.started, dict(self.by_topic))
