"""Retention by brute force: for each actor, each cohort it is in, each offset, is there a return?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from local.oracle.behaviour import DataRange, Deed, Range, Step, data_ranges, streams
from local.oracle.calendar import ROLLING_MS, Calendar, PeriodStart

# project, breakdown value, start of the cohort's period, offset
CellKey = tuple[str, str, PeriodStart, int]


@dataclass(frozen=True, slots=True)
class RetentionCell:
    cohort_size: int
    returned: int
    retention: float | None
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionQuestion:
    """The arguments of `retention`, as MACROS.md names them."""

    target: Step = field(default_factory=Step)
    returning: Step = field(default_factory=Step)
    period: str = "day"
    periods: int = 8
    cohort: str = "first_time"
    kind: str = "on"
    measure: str = "calendar"
    min_occurrences: int = 1
    brackets: Sequence[tuple[int, int]] | None = None
    span: Range = field(default_factory=Range)
    has_breakdown: bool = False

    @property
    def calendar(self) -> Calendar:
        return self.span.calendar

    def ranges(self) -> list[tuple[int, int]]:
        """The periods, first and last, that each offset stands for. Offset 0 is the cohort itself."""
        if self.brackets is None:
            return [(offset, offset) for offset in range(self.periods)]
        return [(0, 0), *self.brackets]


@dataclass(frozen=True, slots=True)
class _Member:
    """One actor in one cohort: its target event there, and the numbers of the periods in which it came back."""

    started_ms: int
    cohort: PeriodStart
    active: list[int]


def retention(
    deeds: Iterable[Deed], question: RetentionQuestion, *, all_deeds: Iterable[Deed] | None = None
) -> dict[CellKey, RetentionCell]:
    """Every cell of the triangle.

    `deeds` are the events after `where`, `all_deeds` those before it (they bound the data). Without a breakdown every
    cohort of the range has cells, with zeros; with one only the cohorts that have an actor.
    """
    deeds = list(deeds)
    data = data_ranges(deeds if all_deeds is None else all_deeds)
    cohorts: dict[tuple[str, str, PeriodStart], list[_Member]] = defaultdict(list)
    for project, breakdown, member in _members(deeds, question):
        cohorts[project, breakdown, member.cohort].append(member)
    if not question.has_breakdown:
        for project, bounds in data.items():
            for start in question.span.grid(bounds, question.period):
                cohorts[project, "", start] += []
    cells: dict[CellKey, RetentionCell] = {}
    for (project, breakdown, start), members in cohorts.items():
        for offset in range(len(question.ranges())):
            returned = sum(_returned(member, offset, question) for member in members)
            cells[project, breakdown, start, offset] = RetentionCell(
                cohort_size=len(members),
                returned=returned,
                retention=returned / len(members) if members else None,
                is_complete=_is_complete(start, members, offset, question, data[project]),
            )
    return cells


def _members(deeds: list[Deed], question: RetentionQuestion) -> list[tuple[str, str, _Member]]:
    targets = {deed.event_id for deed in question.target.matching(deeds)}
    returns = {deed.event_id for deed in question.returning.matching(deeds)}
    found = []
    for (project, breakdown, _), own in streams(deeds).items():
        candidates = [deed for deed in own if deed.event_id in targets]
        if question.cohort == "first_time":
            candidates = candidates[:1]
        elif question.cohort == "first_ever":
            first_named = next((deed for deed in own if question.target.is_named(deed)), None)
            candidates = [deed for deed in candidates if deed is first_named]
        seen: set[PeriodStart] = set()
        for deed in candidates:
            start = question.calendar.start_of(deed.at_ms, question.period)
            if start in seen or not question.span.holds(deed.at_ms):
                continue
            seen.add(start)
            times = [other.at_ms for other in own if other.event_id in returns]
            member = _Member(deed.at_ms, start, _active_periods(deed.at_ms, start, times, question))
            found.append((project, breakdown, member))
    return found


def _active_periods(started_ms: int, cohort: PeriodStart, times: list[int], question: RetentionQuestion) -> list[int]:
    """The numbers of the periods that hold enough of the times, counted from the cohort or from the target event."""
    counts: dict[int, int] = defaultdict(int)
    for at_ms in times:
        if question.measure == "rolling":
            counts[(at_ms - started_ms) // ROLLING_MS[question.period]] += 1
        else:
            counts[_steps_between(cohort, question.calendar.start_of(at_ms, question.period), question)] += 1
    return [number for number, count in counts.items() if count >= question.min_occurrences]


def _steps_between(cohort: PeriodStart, start: PeriodStart, question: RetentionQuestion) -> int:
    """How many periods after the cohort's a period lies; -1 where it lies before."""
    if start < cohort:
        return -1
    number, reached = 0, cohort
    while reached < start:
        reached = question.calendar.next_start(reached, question.period)
        number += 1
    return number


def _returned(member: _Member, offset: int, question: RetentionQuestion) -> bool:
    """Is the member retained at the offset?"""
    ranges = question.ranges()
    if offset == 0:
        return True
    if question.kind == "on":
        return _is_active(member, ranges[offset])
    if question.kind == "on_or_before":
        return any(_is_active(member, ranges[earlier]) for earlier in range(1, offset + 1))
    if question.kind == "streak":
        return all(_is_active(member, ranges[earlier]) for earlier in range(1, offset + 1))
    if question.kind == "on_or_after":
        return any(number >= ranges[offset][0] for number in member.active)
    raise ValueError(f"no such kind: {question.kind}")


def _is_active(member: _Member, periods: tuple[int, int]) -> bool:
    first, last = periods
    return any(first <= number <= last for number in member.active)


def _is_complete(
    start: PeriodStart, members: list[_Member], offset: int, question: RetentionQuestion, data: DataRange
) -> bool:
    """Had the offset's last period ended, for the last actor of the cohort, at the data's end?"""
    last_period = question.ranges()[offset][1]
    if question.measure == "rolling":
        # A cohort of nobody is as late as its last possible actor.
        begun = [member.started_ms for member in members] or [question.calendar.ends_at(start, question.period)]
        return max(begun) + (last_period + 1) * ROLLING_MS[question.period] <= data.last_ms
    reached = question.calendar.next_start(start, question.period, last_period)
    return question.calendar.ends_at(reached, question.period) <= data.last_ms
