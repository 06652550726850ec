"""The marts as a person reads them: a funnel, a retention triangle, daily active users."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from rich import box
from rich.table import Table

_BLOCKS = " ▁▂▃▄▅▆▇█"
# All tables fit into a terminal of 80 columns.
_BAR_WIDTH = 16
_WEEKS_SHOWN = 8


class FunnelStep(NamedTuple):
    step_number: int
    step_name: str
    entered: int
    converted_from_start: float | None
    converted_from_previous: float | None
    median_seconds_from_previous: float | None


class RetentionCell(NamedTuple):
    cohort_start: date
    cohort_label: str
    period_number: int
    cohort_size: int
    returned: int
    retention: float | None
    is_complete: bool


class ActiveDay(NamedTuple):
    day: date
    dau: int
    wau: int
    mau: int
    stickiness: float | None


def funnel_table(steps: Sequence[FunnelStep]) -> Table:
    """One line per step, with a bar as long as the share of the start."""
    table = _table(
        "Funnel: persons who went from step to step within 7 days (funnel_purchase)",
        ["step", "persons", "of start", "of previous", "median", ""],
    )
    for step in steps:
        table.add_row(
            f"{step.step_number} {step.step_name}",
            f"{step.entered:,}",
            _percent(step.converted_from_start),
            _percent(step.converted_from_previous),
            "" if step.step_number == 1 else duration(step.median_seconds_from_previous),
            bar(step.converted_from_start or 0),
        )
    return table


def retention_triangle(cells: Sequence[RetentionCell], *, cohorts: int = 10) -> Table:
    """One line per weekly cohort. A week that has not ended for all stands in brackets; what lies ahead is empty.

    Cohorts of nobody are left out, and of the others the first `cohorts` are shown. Week 0 is the cohort itself.
    """
    shown = [cell for cell in sorted(cells) if cell.cohort_size and 0 < cell.period_number <= _WEEKS_SHOWN]
    weeks = range(1, max((cell.period_number for cell in shown if _is_known(cell)), default=0) + 1)
    table = _table(
        "Retention: % of a week's new persons back n weeks later (retention_weekly)",
        ["week of", "new", *(f"+{number}" for number in weeks)],
    )
    by_cohort: dict[date, list[RetentionCell]] = {}
    for cell in shown:
        by_cohort.setdefault(cell.cohort_start, []).append(cell)
    for line in list(by_cohort.values())[:cohorts]:
        numbers = [_retention_text(cell) for cell in line if cell.period_number in weeks]
        table.add_row(line[0].cohort_label, f"{line[0].cohort_size:,}", *numbers)
    return table


def _is_known(cell: RetentionCell) -> bool:
    return cell.is_complete or cell.returned > 0


def _retention_text(cell: RetentionCell) -> str:
    if not _is_known(cell):
        return ""
    percent = f"{(cell.retention or 0) * 100:.1f}"
    return percent if cell.is_complete else f"({percent})"


def active_users_table(days: Sequence[ActiveDay]) -> Table:
    """One line per day, newest last, with a bar of the day and a sparkline of all days in the foot."""
    table = _table(
        "Active users of the last 14 days (active_users_daily)",
        ["day", "1 day", "7 days", "28 days", "1 of 28", ""],
        caption=f"by day since {days[-60:][0].day:%d %b}: {sparkline([day.dau for day in days[-60:]])}"
        if days
        else None,
    )
    shown = days[-14:]
    most = max((day.dau for day in shown), default=0)
    for day in shown:
        table.add_row(
            f"{day.day:%a %d %b %Y}",
            f"{day.dau:,}",
            f"{day.wau:,}",
            f"{day.mau:,}",
            _percent(day.stickiness),
            bar(day.dau / most if most else 0),
        )
    return table


def _table(title: str, columns: Sequence[str], *, caption: str | None = None) -> Table:
    """The first column and a nameless last one hold words or bars, all others numbers."""
    table = Table(title=title, caption=caption, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if place and name else "left", no_wrap=True)
    return table


def bar(share: float) -> str:
    """A bar of the width that is that share of a full one, in eighths of a character."""
    eighths = round(min(max(share, 0), 1) * _BAR_WIDTH * 8)
    whole, part = divmod(eighths, 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[part] if part else "")


def sparkline(values: Sequence[int]) -> str:
    """One character per value, as high as its share of the largest."""
    most = max(values, default=0)
    return "".join(_BLOCKS[-(-value * 8 // most)] if most else _BLOCKS[0] for value in values)


def duration(seconds: float | None) -> str:
    """The two largest units: `2 d 4 h`, `3 min 20 s`."""
    if seconds is None:
        return ""
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    left = round(seconds)
    parts: list[str] = []
    for name, size in units:
        count, left = divmod(left, size)
        if count or (name == "s" and not parts):
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"
