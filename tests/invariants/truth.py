"""What the rules of IDENTITY.md and MACROS.md make of records, by brute force."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from loaders.settings import PROJECT_DIR
from local.oracle.identity import Persons, resolve
from local.oracle.messages import Event, Message, without_copies, without_nobodies
from local.oracle.sessions import EventKey, key_of, sessionize
from local.simulator.truth import TruePeopleMessage
from tests.invariants.world.humans import GUARDS
from tests.invariants.world.record import Record

IDS = ("event_id", "device_id", "user_id")
IDS_OF_MESSAGES = (*IDS, "previous_id", "previous_device_id")
Sent = TypeVar("Sent", Event, Message)


@dataclass(frozen=True)
class Truth:
    """The clean events and messages of some records, their persons, and their sessions.

    `nobodies`: project, node and time of each identifier in them that is no one.
    """

    events: list[Event]
    messages: list[Message]
    people: list[TruePeopleMessage]
    persons: Persons
    sessions: Mapping[EventKey, EventKey]
    nobodies: Sequence[tuple[str, str, int]]

    def person_names(self) -> dict[EventKey, str]:
        """The canonical member behind each event, '' for nobody."""
        names = {}
        for event in self.events:
            person = self.persons.person_of(event)
            names[key_of(event)] = person.name if person else ""
        return names

    def events_of_sessions(self) -> dict[EventKey, frozenset[EventKey]]:
        events = defaultdict(set)
        for event, session in self.sessions.items():
            events[session].add(event)
        return {session: frozenset(of_session) for session, of_session in events.items()}


def truth_of(records: Iterable[Record]) -> Truth:
    events: list[Event] = []
    messages: list[Message] = []
    users: list[Message] = []
    for record in records:
        if record.error_class:
            continue
        body = json.loads(record.payload, parse_int=_text_of_number, parse_float=_text_of_number)
        is_event = record.stream == "events"
        ids = {name: body[name] for name in (IDS if is_event else IDS_OF_MESSAGES) if body.get(name) is not None}
        common = {**ids, **_times(body), "project_id": body.get("project_id") or "default", "payload": record.payload}
        if is_event:
            events.append(Event(event=body["event"], **common))
        else:
            message = Message(type=body["type"], **common)
            (messages if record.stream == "identities" else users).append(message)
    nobodies: list[tuple[str, str, int]] = []
    clean = _of_somebody(events, nobodies, ("user_id", "device_id"))
    said = _of_somebody(messages, nobodies, ("user_id", "previous_id", "device_id", "previous_device_id"))
    people = [_about_person(message) for message in _of_somebody(users, nobodies, ("user_id",))]
    # To identity a people message is no more than an event of its user.
    named = [Event("", 0, user_id=message.user_id, project_id=message.project_id) for message in people]
    persons = resolve([*clean, *named], said, **GUARDS)
    sessions = {key: visit.session for key, visit in sessionize(clean).items()}
    return Truth(clean, said, people, persons, sessions, nobodies)


def _of_somebody(records: list[Sent], nobodies: list[tuple[str, str, int]], names: Sequence[str]) -> list[Sent]:
    """Each record once, without identifiers that are no one; those of these names are noted."""
    sent = without_copies(records)
    real = without_nobodies(sent, guarded=guarded())
    for before, after in zip(sent, real, strict=True):
        for name in names:
            identifier = getattr(before, name)
            if identifier and not getattr(after, name):
                node = f"{'d' if 'device' in name else 'u'}:{identifier}"
                nobodies.append((before.project_id, node, before.occurred_at_ms))
    return real


class Members(list[tuple[str, Any]]):
    """Of an object of JSON, in their order, those of equal keys too."""


def properties_of(payload: bytes) -> Members:
    """As the models read them: a whole number beyond 64 bits is a text, names in a list are so many nulls."""
    body = dict(json.loads(payload, parse_int=_whole_number, object_pairs_hook=Members))
    properties = body.get("properties") or Members()
    return properties if isinstance(properties, Members) else Members((name, None) for name in properties)


def _about_person(message: Message) -> TruePeopleMessage:
    # Of two equal keys the first counts.
    properties = dict(reversed(properties_of(message.payload)))
    return TruePeopleMessage(
        message.project_id, message.event_id, message.type, message.occurred_at_ms, message.user_id, properties
    )


def _whole_number(digits: str) -> int | str:
    return int(digits) if -(2**63) <= int(digits) < 2**64 else digits


@cache
def guarded() -> frozenset[str]:
    with (PROJECT_DIR / "seeds/guarded_identifiers.csv").open() as file:
        return frozenset(row["identifier"] for row in csv.DictReader(file)) | {"null"}


def _times(body: Mapping[str, Any]) -> dict[str, Any]:
    timestamp, sent, received = (_milliseconds(body.get(name)) for name in ("timestamp", "sent_at", "received_at"))
    assert timestamp is not None
    shift = received - sent if received is not None and sent is not None else 0
    return {"occurred_at_ms": timestamp + shift, "client_timestamp_ms": timestamp, "received_at_ms": received}


def _milliseconds(text: str | None) -> int | None:
    if text is None:
        return None
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return int(text.split(".")[0])
    # Python knows no leap second: the one after the last.
    is_leap = ":60" in text
    moment = datetime.fromisoformat(text.replace(":60", ":59"))
    # Where no zone is named, UTC.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (int(moment.timestamp()) + is_leap) * 1000 + moment.microsecond // 1000


def _text_of_number(number: str) -> str:
    """As it was sent; of zero there is one."""
    return "0" if number == "-0" else number
