"""What a run of the loader did."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """Counts of records: consumed = usable + sidelined, and all of them stand in raw."""

    consumed: int
    usable: int
    sidelined: int
    seconds: float
    by_topic: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Usable and sidelined of each topic that had records."""

    @property
    def per_second(self) -> float:
        return self.consumed / self.seconds if self.seconds > 0 else 0.0
