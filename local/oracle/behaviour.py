"""What the behaviour oracles share: an event as an actor's deed, steps, and the range of a question."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from local.oracle.calendar import Calendar, PeriodStart


@dataclass(frozen=True, slots=True)
class Deed:
    """One event of one actor, after `where`: `actor` is '' for nobody, `breakdown` the value of its expression."""

    project_id: str
    event_id: str
    event: str
    at_ms: int
    actor: str
    session_id: str = ""
    breakdown: str = ""
    number: float | None = None
    held: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, str]:
        """Events are ordered by time, then by id."""
        return self.at_ms, self.event_id


def always(_: Deed) -> bool:
    """The condition that every event meets."""
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """Which events match: one of the names (or any, with '*') that meet the condition."""

    names: tuple[str, ...] = ("*",)
    where: Callable[[Deed], bool] = always
    first_time: bool = False

    def is_named(self, deed: Deed) -> bool:
        return "*" in self.names or deed.event in self.names

    def matches(self, deed: Deed) -> bool:
        return self.is_named(deed) and self.where(deed)

    def matching(self, deeds: Iterable[Deed]) -> list[Deed]:
        """The deeds that match, in order; with `first_time` only the first of each actor."""
        found = [deed for deed in in_order(deeds) if self.matches(deed)]
        if not self.first_time:
            return found
        first: dict[tuple[str, str], Deed] = {}
        for deed in found:
            first.setdefault((deed.project_id, deed.actor), deed)
        return list(first.values())


@dataclass(frozen=True, slots=True)
class Range:
    """`[start, end)` as it was written, and the calendar to read it in; None is open."""

    start: str | None = None
    end: str | None = None
    calendar: Calendar = field(default_factory=Calendar)

    def holds(self, at_ms: int) -> bool:
        return self.is_started(at_ms) and self.is_before_end(at_ms)

    def is_started(self, at_ms: int) -> bool:
        return self.start is None or at_ms >= self.calendar.instant(self.start)

    def is_before_end(self, at_ms: int) -> bool:
        return self.end is None or at_ms < self.calendar.instant(self.end)

    def grid(self, data: "DataRange", period: str) -> list[PeriodStart]:
        """The periods that a result has rows for. Where the range is open, the data bound it."""
        first = data.first_ms if self.start is None else self.calendar.instant(self.start)
        last = data.last_ms if self.end is None else self.calendar.instant(self.end) - 1
        return self.calendar.grid(first, last, period) if first <= last else []


@dataclass(frozen=True, slots=True)
class DataRange:
    """The first and the last instant of a project's events, before any condition."""

    first_ms: int
    last_ms: int


def data_ranges(deeds: Iterable[Deed]) -> dict[str, DataRange]:
    """Each project's range of events. Pass all events of the relation, not only those that meet `where`."""
    times: dict[str, list[int]] = defaultdict(list)
    for deed in deeds:
        times[deed.project_id].append(deed.at_ms)
    return {project: DataRange(min(instants), max(instants)) for project, instants in times.items()}


def in_order(deeds: Iterable[Deed]) -> list[Deed]:
    return sorted(deeds, key=lambda deed: deed.order)


def streams(deeds: Iterable[Deed]) -> dict[tuple[str, str, str], list[Deed]]:
    """The deeds of each (project, breakdown value, actor), in order. Those of nobody are left out."""
    found: dict[tuple[str, str, str], list[Deed]] = defaultdict(list)
    for deed in in_order(deeds):
        if deed.actor != "":
            found[deed.project_id, deed.breakdown, deed.actor].append(deed)
    return found


def keep_largest(deeds: Iterable[Deed], sizes: dict[tuple[str, str], float], limit: int) -> list[Deed]:
    """The same deeds with all breakdown values but each project's `limit` largest renamed to `other`; ties by value."""
    kept: set[tuple[str, str]] = set()
    for project in {project for project, _ in sizes}:
        values = [value for owner, value in sizes if owner == project]
        values.sort(key=lambda value: (-sizes[project, value], value))
        kept.update((project, value) for value in values[:limit])
    return [deed if (deed.project_id, deed.breakdown) in kept else replace(deed, breakdown="other") for deed in deeds]
