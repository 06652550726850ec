"""What a newcomer sees of the marts."""

from datetime import date, timedelta

import pytest
from rich.console import Console
from rich.table import Table

from local.demo.tables import (
    ActiveDay,
    FunnelStep,
    RetentionCell,
    active_users_table,
    bar,
    duration,
    funnel_table,
    retention_triangle,
    sparkline,
)

MONDAY = date(2026, 8, 3)


def text(table: Table) -> str:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def cell(cohort: int, number: int, *, size: int = 10, complete: bool = True) -> RetentionCell:
    start = MONDAY + timedelta(weeks=cohort)
    returned = size // (number + 1) if complete else 0
    return RetentionCell(start, str(start), number, size, returned, returned / size if size else None, complete)


def test_a_funnel_has_a_line_for_each_step() -> None:
    shown = text(
        funnel_table([FunnelStep(1, "view_item", 1200, 1.0, 1.0, None), FunnelStep(2, "buy", 6, 0.5, 0.5, 90.0)])
    )
    assert "1 view_item" in shown
    assert "1,200" in shown
    assert "1 min 30 s" in shown


def test_retention_is_a_triangle_without_the_weeks_ahead() -> None:
    cells = [cell(cohort, number, complete=cohort + number < 4) for cohort in range(3) for number in range(4)]
    lines = [line.split() for line in text(retention_triangle(cells)).splitlines() if "2026-" in line]
    assert [line[2:] for line in lines] == [["50.0", "30.0", "20.0"], ["50.0", "30.0"], ["50.0"]]


def test_a_week_that_goes_on_stands_in_brackets() -> None:
    going_on = RetentionCell(MONDAY, str(MONDAY), 1, 10, 1, 0.1, False)
    assert "(10.0)" in text(retention_triangle([going_on]))


def test_no_table_is_wider_than_a_terminal() -> None:
    months = [cell(0, number, size=100_000) for number in range(14)]
    days = [ActiveDay(MONDAY, 100_000, 200_000, 300_000, 0.3)] * 60
    steps = [FunnelStep(3, "begin_checkout", 100_000, 1.0, 1.0, 86_400.0 * 6 + 3_600 * 23)] * 4
    for table in (retention_triangle(months), active_users_table(days), funnel_table(steps)):
        assert "…" not in text(table)


def test_a_cohort_of_nobody_has_no_line() -> None:
    assert "2026-" not in text(retention_triangle([cell(0, 0, size=0)]))


def test_active_users_show_the_last_fortnight() -> None:
    days = [ActiveDay(MONDAY + timedelta(days=number), number, 50, 90, 0.1) for number in range(20)]
    shown = text(active_users_table(days))
    assert shown.count("Aug 2026") == 14
    assert "by day since 03 Aug" in shown


@pytest.mark.parametrize(
    ("values", "line"),
    [
        pytest.param([0, 1, 4, 8], " ▁▄█", id="shares of the largest"),
        pytest.param([0, 0], "  ", id="nothing at all"),
        pytest.param([], "", id="no day"),
    ],
)
def test_a_sparkline_is_as_high_as_the_values(values: list[int], line: str) -> None:
    assert sparkline(values) == line


def test_bars_are_never_longer_than_the_whole() -> None:
    assert bar(0) == ""
    assert len(bar(2)) == len(bar(1)) == 16
    assert bar(0.01) == "▏"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(None, "", id="nobody"),
        pytest.param(0.2, "0 s", id="at once"),
        pytest.param(59.6, "1 min", id="rounded"),
        pytest.param(93_784, "1 d 2 h", id="the two largest units"),
    ],
)
def test_a_duration_is_told_in_two_units(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
