"""Periods and bounds in zones whose clocks change at midnight, by half an hour, or in the small hours."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from local.oracle.calendar import Calendar, to_datetime, to_ms
from tests.macros.harness import Macros, query

MACROS = Macros()
# A zone, and days near which its clock changes; a leap day and a year's turn with them.
ZONES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25", "2024-02-29"),
    "America/Sao_Paulo": ("2018-11-04", "2018-02-18", "2025-12-31"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04", "2023-01-01"),
}
PERIODS = ("minute", "hour", "day", "week", "month", "quarter", "year")


def instants_near(zone: str) -> list[int]:
    """Milliseconds every 23 minutes, two days around each of the zone's days."""
    found: list[int] = []
    for day in ZONES[zone]:
        noon = to_ms(datetime.fromisoformat(f"{day} 12:00:00").replace(tzinfo=ZoneInfo(zone)))
        found += [noon + minutes * 60_000 + 7 for minutes in range(-2 * 1440, 2 * 1440, 23)]
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("week_start", ["monday", "sunday"])
def test_an_instant_lies_in_the_period_that_its_local_clock_shows(zone: str, week_start: str) -> None:
    call = MACROS.call("common_arguments", "trends", {"timezone": zone, "week_start": week_start})
    calendar = Calendar(zone, week_start)
    columns = ", ".join(
        f"toString(toTimeZone(start, 'UTC')) as {period}".replace("start", sql)
        if period in ("minute", "hour")
        else f"toString({sql}) as {period}"
        for period in PERIODS
        for sql in [MACROS.call("period_start", call, "at", period)]
    )
    instants = instants_near(zone)
    rows = query(f"select {columns} from (select fromUnixTimestamp64Milli(arrayJoin({instants}), 'UTC') as at)")
    for at_ms, row in zip(instants, rows, strict=True):
        expected = {period: str(calendar.start_of(at_ms, period)).removesuffix("+00:00") for period in PERIODS}
        assert row == expected, to_datetime(at_ms)


@pytest.mark.parametrize("zone", ZONES)
def test_a_date_begins_with_its_first_instant(zone: str) -> None:
    days = [date.fromisoformat(day) + timedelta(days=off) for day in ZONES[zone] for off in (-1, 0, 1)]
    bounds = [MACROS.call("check_timestamp", "trends", "start", day, zone) for day in days]
    rows = query(f"select arrayJoin([{', '.join(f'toUnixTimestamp64Milli({bound})' for bound in bounds)}]) as at")
    for day, row in zip(days, rows, strict=True):
        local = [to_datetime(row["at"] + shift).astimezone(ZoneInfo(zone)).date() for shift in (-1, 0)]
        assert local == [day - timedelta(days=1), day]


@pytest.mark.parametrize("period", PERIODS)
def test_adding_periods_and_counting_them_are_each_others_reverse(period: str) -> None:
    call = MACROS.call("common_arguments", "trends", {"timezone": "Europe/Berlin"})
    start = MACROS.call("period_start", call, "toDateTime64('2026-03-28 22:30:00', 3, 'UTC')", period)
    later = MACROS.call("add_periods", f"({start})", "number", period)
    between = MACROS.call("periods_between", f"({start})", f"({later})", period)
    rows = query(f"select {between} as distance from (select toInt64(number) as number from numbers(100))")
    assert [row["distance"] for row in rows] == list(range(100))
