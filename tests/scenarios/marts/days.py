"""Batches that change on which days people were active, and the marts that count those."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.scenarios import records

PROJECT = "days"
# By the macros of all events, which know no counts of days.
OF_EVENTS = {
    "active_users_daily": "{{ active_users(where=var('default_where')) }}",
    "lifecycle_weekly": "{{ lifecycle(period='week', where=var('default_where')) }}",
    "stickiness_weekly": "{{ stickiness(period='week', where=var('default_where')) }}",
    "retention_daily": "{{ retention('*', '*', period='day', periods=31, where=var('default_where')) }}",
    "retention_weekly": "{{ retention('*', '*', period='week', periods=13, where=var('default_where')) }}",
    "retention_monthly": "{{ retention('*', '*', period='month', periods=13, where=var('default_where')) }}",
}
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)

BATCHES: dict[str, Mapping[str, list[dict[str, Any]]]] = {
    "history": {
        "events": [
            event("ada", 2, user_id="ada"),
            event("ada again", 20, user_id="ada"),
            event("ben", 3, user_id="ben"),
            event("tablet", 9, device_id="tablet"),
            event("nobody", 31),
            event("worse", 5, user_id="cyd"),
            event("bot", 1, device_id="robot", properties=records.BOT),
        ]
    },
    "an event of a day that is known": {"events": [event("same day", 2, minute=1, user_id="ada")]},
    "a late first day, and a day between": {
        "events": [event("first", 1, user_id="ada"), event("between", 12, user_id="ada")]
    },
    "two are one": {"identities": [message("join", "merge", 21, user_id="ada", previous_id="ben")]},
    "they part, and one of them came back": {
        "identities": [message("part", "unmerge", 21, user_id="ada", previous_id="ben")],
        "events": [event("back", 28, user_id="ben")],
    },
    "a better copy is of another device": {
        "events": [event("worse", 5, device_id="phone", received_at="2026-03-05T00:00:00Z")]
    },
    "a device has an owner": {"events": [event("login", 10, device_id="tablet", user_id="dee")]},
    "a kiosk has none": {
        "events": [event(f"of {user}", 11, minute=9, device_id="tablet", user_id=user) for user in "wxyz"]
    },
    "nothing": {},
}  # fmt: skip
