"""What a world made the models go through: counted by brute force, batch for batch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from local.oracle.messages import Event, Message
from local.oracle.owners import Node
from local.oracle.sessions import key_of
from tests.invariants.truth import Truth, truth_of
from tests.invariants.world.record import DAY_MS, Record

# What a world has to have met to prove something.
LEAST = {
    "events": 5_000,
    "late_events": 50,
    "merges": 20,
    "unmerges": 5,
    "late_resets": 2,
    "joined_sessions": 10,
    "split_sessions": 10,
    "copies": 100,
    "replays": 20,
    "kiosks": 1,
    "capped": 1,
}


@dataclass
class Met:
    """Late is an event that lands when its project already had one of a later day. A merge is one person less of those
    known before, an unmerge a message that took a login or a join away, a reset is late
    where its device was seen after it, a session is joined or split by one batch."""

    events: int = 0
    late_events: int = 0
    merges: int = 0
    unmerges: int = 0
    late_resets: int = 0
    joined_sessions: int = 0
    split_sessions: int = 0
    copies: int = 0
    replays: int = 0
    kiosks: int = 0
    capped: int = 0

    def lacking(self) -> list[str]:
        counts = asdict(self)
        return [f"{name}: {counts[name]} of {least}" for name, least in LEAST.items() if counts[name] < least]


def met_by(batches: Sequence[Sequence[Record]]) -> tuple[Met, Truth]:
    """What landing these batches one by one goes through, and the truth after the last."""
    met, landed = Met(), list(batches[0])
    before = truth_of(landed)
    for batch in batches[1:]:
        landed += batch
        after = truth_of(landed)
        met.late_events += _late(before, after)
        met.merges += _merged(before, after)
        met.late_resets += _late_resets(before, after)
        met.joined_sessions += _regrouped(before, after)
        met.split_sessions += _regrouped(after, before)
        before = after
    met.events = len(before.events)
    met.copies = sum(1 for record in landed if record.stream == "events" and not record.error_class) - met.events
    met.replays = sum(record.mends is not None for record in landed)
    met.unmerges = _unmerges(before)
    met.capped = sum(join.reason == "cap" for join in before.persons.set_aside())
    met.kiosks = sum(
        device.startswith("kiosk") and any(node.is_anonymous for node in segments.nodes)
        for (_, device), segments in before.persons.devices.items()
    )
    return met, before


def _late(before: Truth, after: Truth) -> int:
    newest: dict[str, int] = {}
    for event in before.events:
        newest[event.project_id] = max(newest.get(event.project_id, 0), event.occurred_at_ms // DAY_MS)
    known = set(before.person_names())
    return sum(
        key_of(event) not in known and event.occurred_at_ms // DAY_MS < newest.get(event.project_id, 0)
        for event in after.events
    )


def _late_resets(before: Truth, after: Truth) -> int:
    last_seen: dict[tuple[str, str], int] = {}
    for event in before.events:
        device = (event.project_id, event.device_id)
        last_seen[device] = max(last_seen.get(device, 0), event.occurred_at_ms)
    known = set(before.messages)
    return sum(
        message.type == "reset"
        and message not in known
        and last_seen.get((message.project_id, message.device_id), 0) > message.occurred_at_ms
        for message in after.messages
    )


def _merged(before: Truth, after: Truth) -> int:
    """How many persons less the members known before make now, in each person of now."""
    persons: dict[Node, set[Node]] = {}
    for node, canonical in after.persons.canonical.items():
        persons.setdefault(canonical, set()).add(before.persons.person(node))
    return sum(len(earlier) - 1 for earlier in persons.values())


def _regrouped(before: Truth, after: Truth) -> int:
    """Sessions of `after` that hold events of several sessions of `before`."""
    return sum(
        len({before.sessions[event] for event in events if event in before.sessions}) > 1
        for events in after.events_of_sessions().values()
    )


def _unmerges(truth: Truth) -> int:
    cut = sum(join.reason == "cut" for join in truth.persons.set_aside())
    said: list[Event | Message] = [*truth.events, *truth.messages]
    known = {
        (record.project_id, record.device_id, record.user_id)
        for record in said
        if record.device_id and record.user_id and getattr(record, "type", "") not in ("unmerge", "merge")
    }
    took = sum(
        message.type == "unmerge" and (message.project_id, message.device_id, message.user_id) in known
        for message in truth.messages
    )
    return cut + took
