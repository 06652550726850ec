"""Calendar periods in any time zone, step by step with `zoneinfo`.

Days and longer periods are local dates, so a day that a clock change makes 23 or 25 hours long is one day.
Hours and minutes are physical: they begin where the wall clock shows a full one, and last 3,600 or 60 seconds.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# The length of a period that is counted from an actor's own event, where no calendar has a say.
ROLLING_MS = {
    "minute": 60_000,
    "hour": HOUR_MS,
    "day": DAY_MS,
    "week": 7 * DAY_MS,
    "month": 30 * DAY_MS,
    "quarter": 90 * DAY_MS,
    "year": 365 * DAY_MS,
}
PHYSICAL = ("minute", "hour")

# A local date for days and longer, a time in UTC for hours and minutes.
PeriodStart = date | datetime


def to_datetime(at_ms: int) -> datetime:
    """The instant in UTC, exact to the millisecond."""
    return datetime.fromtimestamp(at_ms // 1000, UTC) + timedelta(milliseconds=at_ms % 1000)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 of an aware time."""
    return round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of one time zone with one first day of the week."""

    timezone: str = "UTC"
    week_start: str = "monday"

    def date_of(self, at_ms: int) -> date:
        """The local date of an instant."""
        return to_datetime(at_ms).astimezone(ZoneInfo(self.timezone)).date()

    def instant(self, text: str) -> int:
        """A date or time as written by a person, read in the time zone."""
        return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.timezone)))

    def start_of(self, at_ms: int, period: str) -> PeriodStart:
        """Where the period begins that an instant lies in."""
        if period in PHYSICAL:
            local = to_datetime(at_ms).astimezone(ZoneInfo(self.timezone))
            full = local.replace(second=0, microsecond=0, minute=local.minute if period == "minute" else 0)
            return to_datetime(at_ms) - (local.replace(tzinfo=None) - full.replace(tzinfo=None))
        day = self.date_of(at_ms)
        if period == "day":
            return day
        if period == "week":
            first_weekday = 0 if self.week_start == "monday" else 6
            while day.weekday() != first_weekday:
                day -= timedelta(days=1)
            return day
        if period == "month":
            return day.replace(day=1)
        if period == "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        if period == "year":
            return day.replace(month=1, day=1)
        raise ValueError(f"no such period: {period}")

    def next_start(self, start: PeriodStart, period: str, steps: int = 1) -> PeriodStart:
        """Where the period begins that lies `steps` after the one beginning at `start`."""
        for _ in range(steps):
            start = self._following(start, period)
        return start

    def begins_at(self, start: PeriodStart) -> int:
        """The first instant of a period."""
        if isinstance(start, datetime):
            return to_ms(start)
        return to_ms(datetime(start.year, start.month, start.day, tzinfo=ZoneInfo(self.timezone)))

    def ends_at(self, start: PeriodStart, period: str) -> int:
        """The instant at which a period has ended: the first that no longer belongs to it."""
        return self.begins_at(self.next_start(start, period))

    def grid(self, first_ms: int, last_ms: int, period: str) -> list[PeriodStart]:
        """All periods from the one of the first instant to the one of the last."""
        if period == "hour":
            # Where a clock has changed by half an hour the next full one is not an hour later.
            return sorted(
                {self.start_of(at_ms, period) for at_ms in [*range(first_ms, last_ms, HOUR_MS // 4), last_ms]}
            )
        starts = [self.start_of(first_ms, period)]
        while self.ends_at(starts[-1], period) <= last_ms:
            starts.append(self.next_start(starts[-1], period))
        return starts

    def _following(self, start: PeriodStart, period: str) -> PeriodStart:
        if isinstance(start, datetime):
            return start + timedelta(minutes=1 if period == "minute" else 60)
        if period == "day":
            return start + timedelta(days=1)
        if period == "week":
            return start + timedelta(days=7)
        months = {"month": 1, "quarter": 3, "year": 12}[period]
        ahead = start.month - 1 + months
        return start.replace(year=start.year + ahead // 12, month=ahead % 12 + 1)
