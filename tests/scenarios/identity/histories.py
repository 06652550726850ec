"""Random histories of identity: a few identifiers, many contradictions, every guard within reach."""

import random
from dataclasses import dataclass
from typing import Any

from local.oracle.messages import Event, Message

START_MS = 1_767_225_600_000
MINUTE_MS = 60_000
GUARDED = "Guest "
TYPES = ("identify", "identify", "alias", "merge", "merge", "unmerge", "reset")


@dataclass(frozen=True)
class History:
    """Events and messages of one project, with copies, in the order of their arrival."""

    project_id: str
    events: list[Event]
    messages: list[Message]

    def payloads(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "events": [{"event": event.event, **_envelope(event)} for event in self.events],
            "identities": [{"type": message.type, **_envelope(message)} for message in self.messages],
        }


def random_history(project_id: str, seed: int, *, size: int = 120) -> History:
    """A history of about `size` events and as many messages."""
    chance = random.Random(seed)
    users = [*(f"u{number}" for number in range(chance.randint(2, 9))), GUARDED]
    devices = [f"d{number}" for number in range(chance.randint(1, 8))]
    # Few times make ties; many make gaps between sessions.
    minutes = chance.choice([10, 200, 3000])

    def moment() -> int:
        return START_MS + chance.randrange(minutes) * MINUTE_MS + chance.choice([0, 0, 1])

    events = [
        Event(f"e{number}", moment(), project_id=project_id, **_ids(chance, devices, users, chance.choice("dub")))
        for number in range(chance.randint(1, size))
    ]
    messages = [
        _message(chance, f"m{number}", moment(), project_id, devices, users)
        for number in range(chance.randint(1, size))
    ]
    events += chance.sample(events, len(events) // 10)
    messages += chance.sample(messages, len(messages) // 10)
    chance.shuffle(events)
    chance.shuffle(messages)
    return History(project_id, events, messages)


def _ids(chance: random.Random, devices: list[str], users: list[str], which: str) -> dict[str, Any]:
    device, user = chance.choice(devices), chance.choice(users)
    return {"device_id": "" if which == "u" else device, "user_id": "" if which == "d" else user}


def _message(
    chance: random.Random, event_id: str, at_ms: int, project_id: str, devices: list[str], users: list[str]
) -> Message:
    kind = chance.choice(TYPES)
    ids = {"device_id": chance.choice(devices), "user_id": chance.choice(users)}
    others = {"previous_device_id": chance.choice(devices), "previous_id": chance.choice(users)}
    needed: dict[str, Any] = {
        "identify": ids,
        "alias": chance.choice([ids, {"user_id": ids["user_id"], "previous_id": others["previous_id"]}, ids | others]),
        "merge": dict(chance.sample(list((ids | others).items()), chance.choice([2, 2, 3, 4]))),
        "unmerge": chance.choice(
            [ids, {"user_id": ids["user_id"], "previous_id": others["previous_id"]}, ids | others]
        ),
        "reset": {"device_id": ids["device_id"]},
    }[kind]
    return Message(kind, at_ms, project_id=project_id, event_id=event_id, **needed)


def _envelope(record: Event | Message) -> dict[str, Any]:
    ids = {
        name: getattr(record, name, "")
        for name in ("event_id", "project_id", "device_id", "user_id", "previous_id", "previous_device_id")
    }
    return {"timestamp": record.occurred_at_ms} | {name: value for name, value in ids.items() if value}
