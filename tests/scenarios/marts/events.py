"""Batches that change which events there are and whose, and the mart that counts them by name and day."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.scenarios import records

PROJECT = "events"
OF_EVENTS = {
    "trends_daily": """(
        select * except (breakdown, measure), breakdown as event, measure as measure_name
        from {{ trends('*', measure=['total', 'persons', 'sessions'], breakdown='event', where=var('default_where')) }}
    )"""
}
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)

BATCHES: dict[str, Mapping[str, list[dict[str, Any]]]] = {
    "history": {
        "events": [
            event("ada", 2, user_id="ada"),
            event("ben", 2, user_id="ben"),
            event("ben again", 4, user_id="ben"),
            event("tablet", 4, "leave", device_id="tablet"),
            event("nobody", 4),
            event("worse", 5, "mistake", user_id="cyd"),
            event("bot", 5, device_id="robot", properties=records.BOT),
        ]
    },
    "a late event, a new name, a new day, a bot of a name of its own": {
        "events": [
            event("late", 3, user_id="ada"),
            event("new", 6, "pay", user_id="ada"),
            event("other bot", 6, "crawl", device_id="robot", properties=records.BOT),
        ]
    },
    "two of one day are one": {"identities": [message("join", "merge", 5, user_id="ada", previous_id="ben")]},
    "they part, and one of them came back": {
        "identities": [message("part", "unmerge", 5, user_id="ada", previous_id="ben")],
        "events": [event("back", 2, minute=1, user_id="ben")],
    },
    "a better copy has another name, so the first one is no name any more": {
        "events": [event("worse", 5, user_id="cyd", received_at="2026-03-05T00:00:00Z")]
    },
    "sessions are joined, and their device has an owner": {
        "events": [
            event("apart", 7, minute=0, device_id="phone"),
            event("apart too", 7, minute=50, device_id="phone"),
            event("tablet's owner", 4, minute=5, device_id="tablet", user_id="dee"),
        ]
    },
    "between them": {"events": [event("between", 7, minute=25, device_id="phone", user_id="dee")]},
    "a kiosk has no owner": {
        "events": [event(f"of {user}", 8, minute=9, device_id="tablet", user_id=user) for user in "wxyz"]
    },
    "nothing": {},
}  # fmt: skip
