"""Trends by brute force: collect what lies in each period, then measure it."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence

from local.oracle.behaviour import Deed, Range, Step, data_ranges
from local.oracle.calendar import PeriodStart
from local.oracle.quantile import quantile

COUNTS = ("total", "persons", "sessions", "sum")


def trends(
    deeds: Iterable[Deed],
    event: Step,
    measure: str = "total",
    *,
    period: str = "day",
    span: Range | None = None,
    all_deeds: Iterable[Deed] | None = None,
) -> dict[tuple[str, str, PeriodStart], float | None]:
    """(project, breakdown value, period start) -> value. `sum` and its like measure `Deed.number`."""
    span = span or Range()
    deeds = list(deeds)
    data = data_ranges(deeds if all_deeds is None else all_deeds)
    found: dict[tuple[str, str], dict[PeriodStart, list[Deed]]] = defaultdict(lambda: defaultdict(list))
    if not any(deed.breakdown for deed in deeds):
        for project in data:
            found[project, ""] = defaultdict(list)
    for deed in event.matching(deeds):
        if span.holds(deed.at_ms):
            found[deed.project_id, deed.breakdown][span.calendar.start_of(deed.at_ms, period)].append(deed)
    return {
        (project, breakdown, start): measured(periods.get(start, []), measure)
        for (project, breakdown), periods in found.items()
        for start in span.grid(data[project], period)
    }


def measured(deeds: Sequence[Deed], measure: str) -> float | None:
    """One measure of some events. Nobody's events count wherever persons are not asked for."""
    persons = {deed.actor for deed in deeds} - {""}
    if measure == "total":
        return len(deeds)
    if measure == "persons":
        return len(persons)
    if measure == "sessions":
        return len({deed.session_id for deed in deeds} - {""})
    if measure == "per_person":
        return sum(deed.actor != "" for deed in deeds) / len(persons) if persons else None
    numbers = sorted(deed.number for deed in deeds if deed.number is not None)
    if measure == "sum":
        return sum(numbers)
    if not numbers:
        return None
    if measure == "avg":
        return statistics.fmean(numbers)
    if measure == "min":
        return numbers[0]
    if measure == "max":
        return numbers[-1]
    return quantile(numbers, {"median": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}[measure])
