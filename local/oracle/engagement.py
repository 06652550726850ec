"""Active users, lifecycle and stickiness by brute force: look at every actor in every period."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.oracle.behaviour import Deed, Range, Step, data_ranges, streams
from local.oracle.calendar import PHYSICAL, PeriodStart

STATUSES = ("new", "returning", "resurrecting", "dormant")


@dataclass(frozen=True, slots=True)
class _Scene:
    """Who was active when, and the rows that a result has."""

    # (project, breakdown value) -> actor -> its deeds, in order
    actors: dict[tuple[str, str], dict[str, list[Deed]]]
    # project -> starts of the periods
    grids: dict[str, list[PeriodStart]]


def active_users(
    deeds: Iterable[Deed],
    windows: Sequence[int] = (1, 7, 28),
    *,
    period: str = "day",
    span: Range | None = None,
    all_deeds: Iterable[Deed] | None = None,
) -> dict[tuple[str, str, PeriodStart], dict[int, int]]:
    """(project, breakdown value, period start) -> window -> actors active in the days that end with the period."""
    span = span or Range()
    scene = _scene(deeds, Step(), period, span, all_deeds)
    cells: dict[tuple[str, str, PeriodStart], dict[int, int]] = {}
    for (project, breakdown), actors in scene.actors.items():
        active_in: dict[PeriodStart, set[str]] = defaultdict(set)
        for actor, own in actors.items():
            for deed in own:
                active_in[span.calendar.start_of(deed.at_ms, _unit(period))].add(actor)
        for start in scene.grids[project]:
            cells[project, breakdown, start] = {
                days: len(set().union(*(active_in[unit] for unit in _window(start, period, days, span))))
                for days in windows
            }
    return cells


def lifecycle(
    deeds: Iterable[Deed],
    event: Step | None = None,
    *,
    period: str = "day",
    span: Range | None = None,
    all_deeds: Iterable[Deed] | None = None,
) -> dict[tuple[str, str, PeriodStart, str], int]:
    """(project, breakdown value, period start, status) -> actors."""
    span = span or Range()
    scene = _scene(deeds, event or Step(), period, span, all_deeds)
    cells: dict[tuple[str, str, PeriodStart, str], int] = {}
    for (project, breakdown), actors in scene.actors.items():
        activity = [{span.calendar.start_of(deed.at_ms, period) for deed in own} for own in actors.values()]
        for start in scene.grids[project]:
            for status in STATUSES:
                cells[project, breakdown, start, status] = 0
            for active in activity:
                now, before = start in active, any(span.calendar.next_start(s, period) == start for s in active)
                if now and before:
                    status = "returning"
                elif now:
                    status = "new" if start == min(active) else "resurrecting"
                elif before:
                    status = "dormant"
                else:
                    continue
                cells[project, breakdown, start, status] += 1
    return cells


def stickiness(
    deeds: Iterable[Deed],
    event: Step | None = None,
    *,
    period: str = "day",
    min_events: int = 1,
    cumulative: bool = False,
    span: Range | None = None,
    all_deeds: Iterable[Deed] | None = None,
) -> dict[tuple[str, str, int], int]:
    """(project, breakdown value of the range, number of periods) -> actors active in so many periods of the range."""
    span, deeds = span or Range(), list(deeds)
    has_breakdown = any(deed.breakdown for deed in deeds)
    scene = _scene(deeds, event or Step(), period, span, all_deeds)
    cells: dict[tuple[str, str, int], int] = {}
    for (project, breakdown), actors in scene.actors.items():
        if has_breakdown and not any(span.holds(deed.at_ms) for own in actors.values() for deed in own):
            continue
        for number in range(1, len(scene.grids[project]) + 1):
            cells[project, breakdown, number] = 0
        for own in actors.values():
            counts: dict[PeriodStart, int] = defaultdict(int)
            for deed in own:
                if span.holds(deed.at_ms):
                    counts[span.calendar.start_of(deed.at_ms, period)] += 1
            active = sum(count >= min_events for count in counts.values())
            for number in range(1, active + 1) if cumulative else [active] * (active > 0):
                cells[project, breakdown, number] += 1
    return cells


def _scene(deeds: Iterable[Deed], event: Step, period: str, span: Range, all_deeds: Iterable[Deed] | None) -> _Scene:
    """Nothing from `end` on is known. What lies before `start` is: it is history."""
    deeds = list(deeds)
    data = data_ranges(deeds if all_deeds is None else all_deeds)
    has_breakdown = any(deed.breakdown for deed in deeds)
    actors: dict[tuple[str, str], dict[str, list[Deed]]] = defaultdict(dict)
    if not has_breakdown:
        for project in data:
            actors[project, ""] = {}
    for (project, breakdown, actor), own in streams(event.matching(deeds)).items():
        if known := [deed for deed in own if span.is_before_end(deed.at_ms)]:
            actors[project, breakdown][actor] = known
    return _Scene(actors, {project: span.grid(bounds, period) for project, bounds in data.items()})


def _unit(period: str) -> str:
    """What windows are made of: local days, or the hours and minutes themselves."""
    return period if period in PHYSICAL else "day"


def _window(start: PeriodStart, period: str, days: int, span: Range) -> list[PeriodStart]:
    """The days (24 hours, 1,440 minutes) that end with the period."""
    after = span.calendar.next_start(start, period)
    if isinstance(after, datetime):
        unit = timedelta(minutes=1 if period == "minute" else 60)
        return [after - unit * back for back in range(1, days * (timedelta(days=1) // unit) + 1)]
    return [after - timedelta(days=back) for back in range(1, days + 1)]
