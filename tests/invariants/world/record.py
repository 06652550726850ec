"""One Kafka record as it will land, and the calendar of the worlds."""

from dataclasses import dataclass

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

# 90 days from 2026-01-20; the clocks of TIMEZONE go forward on 2026-03-29 at 01:00 UTC.
START_MS = 1_768_867_200_000
DAYS = 90
TIMEZONE = "Europe/Berlin"
CLOCK_CHANGE_MS = 1_774_746_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a stream. `arrives_ms` orders the landing; copies are equal in what they mean, not in bytes."""

    stream: str
    payload: bytes
    arrives_ms: int
    error_class: str = ""
    # A mended record lands again in lane `replay`, with the coordinates of this one.
    mends: "Record | None" = None
