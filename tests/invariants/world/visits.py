"""What humans do: visits of some events, logins and logouts within them, and the traps that sessions can fall into."""

import random
from typing import Any

from tests.invariants.world.humans import GUARDED_DEVICE, GUARDED_USERS, Human
from tests.invariants.world.outbox import Body, Outbox
from tests.invariants.world.record import CLOCK_CHANGE_MS, DAY_MS, DAYS, HOUR_MS, MINUTE_MS, START_MS

EVENTS = ("page_view",) * 6 + ("view_item",) * 4 + ("add_to_cart",) * 2 + ("begin_checkout", "purchase", "search")
# Equal times, a moment, both sides of the gap that ends a session.
SILENCES_MS = (0, 0, 1, 4_000, 20_000, 61_000, 10 * MINUTE_MS, 30 * MINUTE_MS, 30 * MINUTE_MS + 1)
AGENTS = ("Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (iPhone)", "Googlebot/2.1")
# Of one property: what type it has nobody can rely on, nor its lists on those before them.
FREE_VALUES = (1, "1", None, [1, 2], [1, 2.5], ["a", True, 3], "2026-01-05T10:00:00Z", {"x": True})
TRAPS = 25


def visit_all(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    """All visits of all humans: a heavy tail, a tenth of them around the change of the clocks."""
    for human in humans:
        for _ in range(min(30, 1 + int(chance.paretovariate(0.9)))):
            _visit(chance, outbox, human, some_time(chance))


def some_time(chance: random.Random) -> int:
    if chance.random() < 0.1:
        return CLOCK_CHANGE_MS + chance.randrange(-DAY_MS, DAY_MS)
    return START_MS + chance.randrange(DAYS * DAY_MS)


def _visit(chance: random.Random, outbox: Outbox, human: Human, at_ms: int) -> None:
    device = chance.choice(human.devices) if chance.random() < 0.985 else GUARDED_DEVICE
    delay_ms = chance.randrange(HOUR_MS, 60 * DAY_MS) if chance.random() < 0.03 else None
    count = 1 + min(24, int(chance.expovariate(0.22)))
    login_at = chance.randrange(-3, count + 3) if human.user_id else count
    for place in range(count):
        ids: Body = {"device_id": device} | ({"project_id": human.project_id} if human.project_id else {})
        if place >= login_at:
            ids["user_id"] = human.user_id
            if place == max(0, login_at) and chance.random() < 0.5:
                outbox.post("identities", ids | {"type": "identify"}, at_ms, delay_ms=delay_ms)
        elif chance.random() < 0.02:
            ids["user_id"] = chance.choice(GUARDED_USERS)
        if human.user_id and chance.random() < 0.02:
            ids = {name: value for name, value in ids.items() if name != "device_id"} | {"user_id": human.user_id}
        outbox.post("events", {**ids, **_said(chance)}, at_ms, delay_ms=delay_ms)
        at_ms += chance.choice(SILENCES_MS)
    if login_at < count and chance.random() < 0.2:
        outbox.post("identities", _of(human, device_id=device) | {"type": "reset"}, at_ms)


def _said(chance: random.Random) -> Body:
    event = chance.choice(EVENTS)
    properties: dict[str, Any] = {"page": f"/{chance.randrange(12)}"}
    if chance.random() < 0.15:
        properties["user_agent"] = chance.choice(AGENTS)
    if event != "page_view":
        properties |= {"item_id": f"i{chance.randrange(40)}", "value": round(chance.uniform(1, 99), 2)}
    if event == "purchase":
        properties |= {"order_id": f"o{chance.randrange(500)}", "currency": chance.choice(["EUR", "USD"])}
    if chance.random() < 0.2:
        properties |= {"utm_source": chance.choice(["mail", "ads"]), "utm_campaign": f"c{chance.randrange(4)}"}
    if chance.random() < 0.1:
        # A free property, and a planned one that does not fit.
        properties |= {"free": {"deep": chance.choice(FREE_VALUES)}, "value": "much"}
    said: Body = {"event": event, "properties": properties}
    return said | ({"session_id": f"client{chance.randrange(99)}"} if chance.random() < 0.1 else {})


def lay_traps(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    """Sessions that something late joins, splits, or takes an event from."""
    for number in range(TRAPS):
        human = chance.choice(humans)
        here = _of(human, device_id=f"trap{number}")
        at_ms, late = some_time(chance), chance.randrange(2 * DAY_MS, 60 * DAY_MS)
        one, other = (here | {"user_id": f"trapped{number}{letter}"} for letter in "ab")

        def say(ids: Body, minute: int, delay_ms: int, *, since: int = at_ms) -> None:
            outbox.post("events", ids | _said(chance), since + minute * MINUTE_MS, delay_ms=delay_ms)

        say(here, 0, 500)
        say(here, 50, 500)
        say(here, 25, late)

        for minute in (300, 310, 320):
            say(one, minute, 500)
        say(other, 315, late)

        say(here, 600, 500)
        outbox.post_moved(here | _said(chance), at_ms + 620 * MINUTE_MS, by_ms=5 * HOUR_MS, delay_ms=late)
        say(here, 640, 500)


def _of(human: Human, **ids: str) -> Body:
    return ({"project_id": human.project_id} if human.project_id else {}) | ids
