"""Notices partitions that stand still while more is written to them: the consumer has lost them out of sight."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from loaders.records import Partition


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a partition was when it was seen to move last, and where its log ended then."""

    position: int
    end: int
    since: float


@dataclass(slots=True)
class Watchdog:
    """Is shown now and then where reading stands and where Kafka ends. Bears standing still for `seconds`."""

    seconds: float
    clock: Callable[[], float] = monotonic
    _stands: dict[Partition, Stand] = field(default_factory=dict)

    def forget(self) -> None:
        """Nothing is asked of the consumer just now, so nothing needs to move."""
        self._stands.clear()

    def observe(self, positions: Mapping[Partition, int], ends: Mapping[Partition, int]) -> list[str]:
        """What is wrong, a phrase for each partition that has stood still for too long while its lag grew."""
        now, stands = self.clock(), {}
        for partition, position in positions.items():
            stand = self._stands.get(partition)
            is_moving = stand is None or stand.position != position or ends[partition] <= position
            stands[partition] = Stand(position, ends[partition], now) if is_moving or stand is None else stand
        self._stands = stands
        return [
            f"{partition} has stood at offset {stand.position} for {now - stand.since:.0f} s while its lag grew from"
            f" {max(0, stand.end - stand.position):,} to {ends[partition] - stand.position:,}"
            for partition, stand in stands.items()
            if now - stand.since >= self.seconds and ends[partition] > stand.end
        ]
