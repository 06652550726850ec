"""What producers send during a trial: small, by seed, with everything that models decide about."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

START = datetime(2026, 1, 5, tzinfo=UTC)
EVENTS = ("view_item", "add_to_cart", "purchase", "sign_up")

Message = tuple[str, bytes]


def messages(seed: int, *, count: int) -> Iterator[Message]:
    """(stream, payload): events with logins, copies, late ones and unusable ones among them, identities, people."""
    random = Random(seed)
    for number in range(count):
        yield "events", json.dumps(event := _event(random, f"{seed}-{number}")).encode()
        if random.random() < 0.05:
            yield "events", json.dumps({**event, "received_at": _time(random)}).encode()
        if random.random() < 0.02:
            yield "events", random.choice([b"no JSON", b"{}", b"\xff\xfe", b'{"event": 1}'])
        if random.random() < 0.05:
            yield "identities", json.dumps(_identity(random, f"{seed}-i{number}")).encode()
        if random.random() < 0.05:
            yield "people", json.dumps(_people(random, f"{seed}-p{number}")).encode()


def _event(random: Random, name: str) -> dict[str, Any]:
    device = random.randrange(40)
    user = {"user_id": f"user {device % 25}"} if random.random() < 0.2 else {}
    return {
        "event_id": f"event {name}",
        "event": random.choice(EVENTS),
        "timestamp": _time(random),
        "device_id": f"device {device}",
        **user,
        # Halves only, so that sums do not depend on their order.
        "properties": {"page": f"/{random.randrange(9)}", "value": random.randrange(100) / 2, "item_id": str(device)},
    }


def _identity(random: Random, name: str) -> dict[str, Any]:
    device, user = f"device {random.randrange(40)}", f"user {random.randrange(25)}"
    kind: dict[str, Any] = {"type": "identify", "device_id": device, "user_id": user}
    if random.random() < 0.3:
        kind = {"type": "merge", "user_id": user, "previous_id": f"user {random.randrange(25)}"}
    return {"event_id": name, "timestamp": _time(random), **kind}


def _people(random: Random, name: str) -> dict[str, Any]:
    return {
        "event_id": name,
        "type": "set",
        "timestamp": _time(random),
        "user_id": f"user {random.randrange(25)}",
        "properties": {"plan": random.choice(["free", "team", "enterprise"])},
    }


def _time(random: Random) -> str:
    return (START + timedelta(seconds=random.randrange(14 * 86_400))).isoformat(timespec="milliseconds")
