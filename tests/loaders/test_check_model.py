"""The check's SQL against the same rules in Python, over thousands of random envelopes."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loaders.streams import Stream
from loaders.warehouse import ClickHouse
from tests.support.judge import KAFKA_MS, judge

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TYPES = {
    Stream.IDENTITIES: ["identify", "alias", "merge", "unmerge", "reset"],
    Stream.PEOPLE: ["set", "set_once", "increment", "unset", "delete"],
}
FIELDS = {
    Stream.EVENTS: [
        "event_id",
        "event",
        "timestamp",
        "sent_at",
        "received_at",
        "project_id",
        "device_id",
        "user_id",
        "session_id",
    ],
    Stream.IDENTITIES: [
        "event_id",
        "type",
        "timestamp",
        "sent_at",
        "received_at",
        "project_id",
        "device_id",
        "previous_device_id",
        "user_id",
        "previous_id",
    ],
    Stream.PEOPLE: ["event_id", "type", "timestamp", "sent_at", "received_at", "project_id", "user_id"],
}
IDS: list[Any] = [
    "a",
    "x" * 64,
    "x" * 65,
    "é" * 32,
    7,
    1.5,
    "",
    None,
    ...,
    {},
    [1],
    True,
    "true",
    "{",
    "[x",
    "\n{",
    2**64,
]
TIMES: list[Any] = [
    "2026-01-15T12:00:00Z",
    "2026-01-15 12:00",
    "2026-01-15",
    "2026-01-15T12:00:00.123456-07:00",
    "2026-01-20T23:00:00+0000",
    "2026-01-21T00:00:00.000Z",
    "2026-01-21T00:00:00.001Z",
    "1999-12-31T23:59:59.999Z",
    "2000-01-01",
    "2099-12-31",
    "2100-01-01",
    "2026-02-29",
    "nope",
    "",
    None,
    ...,
    {},
    False,
    1_768_478_400_000,
    1_768_478_400,
    "1768478400000",
    -1,
    KAFKA_MS + DAY_MS + 1,
]
PROPERTIES: list[Any] = [{}, {"a": {"b": [1]}}, None, ..., [], ["a"], "x", 5, True]


def is_absent(value: Any) -> bool:
    return value is ... or value is None or value == ""


def milliseconds(value: Any) -> int | None:
    """The time that a value of the envelope means; None where it means none."""
    if isinstance(value, int):
        return value
    if str(value).lstrip("-").isdigit():
        return int(value)
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return (parsed - EPOCH) // timedelta(milliseconds=1)


def is_missing_an_id(stream: Stream, envelope: dict[str, Any]) -> bool:
    here = {field for field in FIELDS[stream] if not is_absent(envelope[field])}
    if stream is Stream.EVENTS:
        return not ({"event_id", "event"} <= here and here & {"device_id", "user_id"})
    if not {"event_id", "type"} <= here:
        return True
    if stream is Stream.PEOPLE:
        return "user_id" not in here
    match envelope["type"]:
        case "identify":
            return not {"device_id", "user_id"} <= here
        case "alias" | "unmerge":
            return "user_id" not in here or not here & {"device_id", "previous_id"}
        case "merge":
            return len(here & {"device_id", "previous_device_id", "user_id", "previous_id"}) < 2
        case "reset":
            return "device_id" not in here
    return False


def is_of_a_wrong_type(stream: Stream, envelope: dict[str, Any]) -> bool:
    values = [envelope[field] for field in FIELDS[stream]]
    if any(isinstance(value, dict | list | bool) for value in values):
        return True
    if stream in TYPES and envelope["type"] not in TYPES[stream]:
        return True
    event_id = envelope["event_id"]
    if len(str(event_id).encode()) > 64 or is_absent(envelope["timestamp"]):
        return True
    times = [envelope[field] for field in ("timestamp", "sent_at", "received_at")]
    if any(not is_absent(time) and milliseconds(time) is None for time in times):
        return True
    properties = envelope["properties"]
    if isinstance(properties, list) and stream is Stream.PEOPLE and envelope["type"] == "unset":
        return False
    return not (properties is ... or properties is None or isinstance(properties, dict))


def has_an_impossible_time(envelope: dict[str, Any]) -> bool:
    start, end = 946_684_800_000, 4_102_444_800_000
    times = {
        field: None if is_absent(envelope[field]) else milliseconds(envelope[field])
        for field in ("timestamp", "sent_at", "received_at")
    }
    occurred, sent, received = times["timestamp"] or 0, times["sent_at"], times["received_at"]
    if sent is not None and received is not None:
        occurred += received - sent
    if received is not None and not start <= received < end:
        return True
    return not start <= occurred < end or occurred > (KAFKA_MS if received is None else received) + DAY_MS


def model(stream: Stream, envelope: dict[str, Any]) -> str:
    """The error class by the rules of docs/loading.md."""
    if is_missing_an_id(stream, envelope):
        return "missing_id"
    if is_of_a_wrong_type(stream, envelope):
        return "wrong_type"
    return "impossible_time" if has_an_impossible_time(envelope) else ""


def random_envelope(stream: Stream, rng: random.Random) -> dict[str, Any]:
    """Mostly right, with a few odd values anywhere, so that every rule is the one that decides now and then."""
    envelope: dict[str, Any] = {}
    for field in FIELDS[stream]:
        is_odd = rng.random() < 0.12
        if field in ("timestamp", "sent_at", "received_at"):
            plain = "2026-01-15T12:00:00Z" if field == "timestamp" else rng.choice([..., "2026-01-15T12:00:01Z"])
            envelope[field] = rng.choice(TIMES) if is_odd else plain
        elif field == "type":
            envelope[field] = rng.choice([*IDS, "other"]) if is_odd else rng.choice(TYPES[stream])
        else:
            envelope[field] = (
                rng.choice(IDS) if is_odd else rng.choice(["a", "b", ...] if field != "event_id" else ["a"])
            )
    envelope["properties"] = rng.choice(PROPERTIES) if rng.random() < 0.12 else {"a": 1}
    return envelope


@pytest.mark.parametrize("stream", list(Stream))
def test_the_check_agrees_with_the_rules_in_python(stream: Stream, warehouse: ClickHouse) -> None:
    rng = random.Random(f"check {stream}")
    envelopes = [random_envelope(stream, rng) for _ in range(4000)]
    payloads = [
        json.dumps({key: value for key, value in envelope.items() if value is not ...}).encode()
        for envelope in envelopes
    ]

    judged = judge(warehouse, stream, payloads)

    expected = [model(stream, envelope) for envelope in envelopes]
    wrong = [
        (said, error_class, reason, payload)
        for said, (error_class, reason), payload in zip(expected, judged, payloads, strict=True)
        if said != error_class
    ]
    assert wrong[:5] == []
    assert {"", "missing_id", "wrong_type", "impossible_time"} <= set(expected)
