"""Random histories of identity: a few identifiers, many contradictions, every guard within reach."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.oracle.messages import Event, Message, Record

START_MS = 1_767_225_600_000
MINUTE_MS = 60_000
GUARDED = "Guest "
TYPES = ("identify", "identify", "alias", "merge", "merge", "unmerge", "reset")


@dataclass(frozen=True)
class History:
    """Events and messages of one project, with copies, in the order of their arrival."""

    project_id: str
    events: Sequence[Event]
    messages: Sequence[Message]

    def payloads(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "events": [{"event": event.event, **_envelope(event)} for event in self.events],
            "identities": [{"type": message.type, **_envelope(message)} for message in self.messages],
        }

    def batches(self, count: int) -> list["History"]:
        """The same in pieces, as a project of its own."""
        project = f"{self.project_id}~{count}"
        events = [replace(event, project_id=project) for event in self.events]
        messages = [replace(message, project_id=project) for message in self.messages]
        return [History(project, _piece(events, at, count), _piece(messages, at, count)) for at in range(count)]


def draw_histories(count: int) -> list[History]:
    """What hypothesis draws, the same each time. One dbt run builds all of them, so none is shrunk."""
    drawn: list[History] = []

    @settings(
        max_examples=count, derandomize=True, database=None, suppress_health_check=list(HealthCheck), deadline=None
    )
    @given(st.randoms(use_true_random=True))
    def draw(chance: random.Random) -> None:
        drawn.append(random_history(f"history-{len(drawn)}", chance))

    draw()
    return drawn


def random_history(project_id: str, chance: random.Random, *, size: int = 200) -> History:
    """A history of up to `size` events and messages over up to 30 identifiers, and a tenth of them once more."""
    size = chance.choice([size, chance.randint(2, size)])
    event_count = chance.randint(1, size - 1)
    users = [*(f"u{number}" for number in range(chance.randint(2, chance.choice([9, 16])))), GUARDED]
    devices = [f"d{number}" for number in range(chance.randint(1, chance.choice([8, 13])))]
    # Few times make ties; many make gaps between sessions.
    minutes = chance.choice([10, 200, 3000])

    def moment() -> int:
        return START_MS + chance.randrange(minutes) * MINUTE_MS + chance.choice([0, 0, 1])

    events = [
        Event(f"e{number}", moment(), project_id=project_id, **_ids(chance, devices, users, chance.choice("dub")))
        for number in range(event_count)
    ]
    messages = [
        _message(chance, f"m{number}", moment(), project_id, devices, users) for number in range(size - event_count)
    ]
    events += chance.sample(events, len(events) // 10)
    messages += chance.sample(messages, len(messages) // 10)
    chance.shuffle(events)
    chance.shuffle(messages)
    return History(project_id, events, messages)


def _piece(records: list[Record], at: int, count: int) -> list[Record]:
    return records[at * len(records) // count : (at + 1) * len(records) // count]


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
