"""Batches that change what people did one after the other, and the marts that count that."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.scenarios import records

PROJECT = "persons"
OF_EVENTS = {
    "funnel_purchase": "{{ funnel(**purchase_funnel()) }}",
    "paths_session": "{{ paths(top=200, where=var('default_where')) }}",
}
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)

BATCHES: dict[str, Mapping[str, list[dict[str, Any]]]] = {
    "history": {
        "events": [
            event("ada sees", 2, "view_item", user_id="ada"),
            event("ada takes", 2, "add_to_cart", minute=3, user_id="ada"),
            event("ben sees", 3, "view_item", user_id="ben"),
            event("ben looks", 3, "look", minute=1, user_id="ben"),
            event("cyd sees", 5, "view_item", user_id="cyd"),
            event("worse", 5, "look", minute=2, user_id="cyd"),
            event("tablet sees", 9, "view_item", device_id="tablet"),
            event("tablet takes", 9, "add_to_cart", minute=5, device_id="tablet"),
            event("bot sees", 1, "view_item", device_id="robot", properties=records.BOT),
            event("nobody", 30, "look"),
            event("fay looks", 14, "look", user_id="fay"),
            # Bytes that are no letters, and names that look like the numbers before them.
            event("odd", 6, "7 1 ä\u0000", device_id="odd"),
            event("odd too", 6, "1 7 ", minute=1, device_id="odd"),
        ]
    },
    "a late start, a step between and one further on": {
        "events": [
            event("ada saw", 1, "view_item", minute=9, user_id="ada"),
            event("between", 2, "look", minute=2, user_id="ada"),
            event("ada goes", 4, "begin_checkout", user_id="ada"),
        ]
    },
    "two are one": {"identities": [message("join", "merge", 8, user_id="ada", previous_id="ben")]},
    "who is one buys": {"events": [event("bought", 8, "purchase", user_id="ben")]},
    "they part, and data goes on": {
        "identities": [message("part", "unmerge", 8, user_id="ada", previous_id="ben")],
        "events": [event("later", 28, "look", user_id="eve")],
    },
    "a better copy is of another device": {
        "events": [event("worse", 5, "look", minute=2, device_id="phone", received_at="2026-03-05T00:00:00Z")]
    },
    "a device has an owner": {"events": [event("login", 10, "login", device_id="tablet", user_id="dee")]},
    "two sessions of a device": {
        "events": [
            event("apart", 12, "view_item", minute=0, device_id="laptop"),
            event("apart too", 12, "add_to_cart", minute=50, device_id="laptop"),
        ]
    },
    "are one": {"events": [event("bridge", 12, "look", minute=25, device_id="laptop")]},
    "of one instant": {"events": [event("a bridge", 12, "share", minute=25, device_id="laptop")]},
    "a kiosk has no owner": {
        "events": [event(f"of {user}", 11, "look", minute=9, device_id="tablet", user_id=user) for user in "wxyz"]
    },
    "nothing": {},
}  # fmt: skip
