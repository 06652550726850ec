"""The check at the door: each class, and both sides of each limit."""

import json
import re
from typing import Any

import pytest

from loaders.check import CLASSES
from loaders.settings import PROJECT_DIR
from loaders.streams import Stream
from loaders.warehouse import ClickHouse
from tests.support.judge import KAFKA_MS, judge

DAY_MS = 86_400_000
BASE: dict[Stream, dict[str, Any]] = {
    Stream.EVENTS: {"event_id": "e1", "event": "view", "timestamp": "2026-01-15T12:00:00Z", "device_id": "d1"},
    Stream.IDENTITIES: {
        "event_id": "e1",
        "type": "identify",
        "timestamp": 1_768_478_400_000,
        "device_id": "d1",
        "user_id": "u1",
    },
    Stream.PEOPLE: {
        "event_id": "e1",
        "type": "set",
        "timestamp": "2026-01-15",
        "user_id": "u1",
        "properties": {"a": 1},
    },
}


def record(stream: Stream = Stream.EVENTS, **changes: Any) -> bytes:
    """The usable message of a stream with changes; a key whose value is `...` goes."""
    merged = BASE[stream] | changes
    return json.dumps({key: value for key, value in merged.items() if value is not ...}).encode()


def identity(kind: str, **ids: Any) -> bytes:
    return record(Stream.IDENTITIES, type=kind, **({"device_id": ..., "user_id": ...} | ids))


def person(**changes: Any) -> bytes:
    return record(Stream.PEOPLE, **changes)


E_, I_, P_ = Stream.EVENTS, Stream.IDENTITIES, Stream.PEOPLE
CASES: list[tuple[str, Stream, bytes, str]] = [
    ("the least that an event needs", E_, record(), ""),
    ("null where nothing is needed", E_, record(user_id=None, sent_at=None, properties=None), ""),
    ("empty text where nothing is needed", E_, record(user_id="", sent_at="", session_id=""), ""),
    ("a user instead of a device", E_, record(device_id=..., user_id="u"), ""),
    ("numbers as ids", E_, record(event_id=1, device_id=2, user_id=12345678901234567890), ""),
    ("unknown keys", E_, record(color="red", nested={"a": [1]}), ""),
    ("an escaped key", E_, record().replace(b'"event_id"', b'"event\\u005fid"'), ""),
    ("white space around", E_, b" \n\t" + record() + b" \r\n", ""),
    ("nested properties", E_, record(properties={"a": {"b": [1, {"c": None}]}}), ""),
    ("no properties in it", E_, record(properties={}), ""),
    ("two same keys", E_, b'{"event_id": "x", ' + record()[1:], ""),
    # not_json_object
    ("an empty value", E_, b"", "not_json_object"),
    ("no JSON", E_, b"hello", "not_json_object"),
    ("an array", E_, b"[" + record() + b"]", "not_json_object"),
    ("a string", E_, b'"text"', "not_json_object"),
    ("a number", E_, b"12", "not_json_object"),
    ("null", E_, b"null", "not_json_object"),
    ("cut off", E_, record()[:-1], "not_json_object"),
    ("more after it", E_, record() + b"x", "not_json_object"),
    ("invalid UTF-8", E_, record(event="X").replace(b"X", b"\xff"), "not_json_object"),
    ("invalid UTF-8 in properties", E_, record(properties={"a": "X"}).replace(b"X", b"\xc3\x28"), "not_json_object"),
    ("NaN", E_, record(properties={"a": float("nan")}), "not_json_object"),
    ("a lone surrogate", E_, record(properties={"a": "X"}).replace(b"X", b"\\ud800"), "not_json_object"),
    ("as deep as can be read", E_, record(properties={"a": 1}).replace(b"1}}", b"[" * 1021 + b"]" * 1021 + b"}}"), ""),
    (
        "too deep to be read",
        E_,
        record(properties={"a": 1}).replace(b"1}}", b"[" * 1100 + b"]" * 1100 + b"}}"),
        "not_json_object",
    ),
    # missing_id
    ("no keys", E_, b"{}", "missing_id"),
    ("no event_id", E_, record(event_id=...), "missing_id"),
    ("null as event_id", E_, record(event_id=None), "missing_id"),
    ("empty event_id", E_, record(event_id=""), "missing_id"),
    ("no event", E_, record(event=...), "missing_id"),
    ("neither device nor user", E_, record(device_id=...), "missing_id"),
    ("empty device and null user", E_, record(device_id="", user_id=None), "missing_id"),
    ("another case of the key", E_, record(event_id=..., Event_ID="e"), "missing_id"),
    # wrong_type
    ("64 bytes of event_id", E_, record(event_id="x" * 64), ""),
    ("65 bytes of event_id", E_, record(event_id="x" * 65), "wrong_type"),
    (
        "33 letters of 2 bytes",
        E_,
        json.dumps(BASE[E_] | {"event_id": "é" * 33}, ensure_ascii=False).encode(),
        "wrong_type",
    ),
    ("an object as device", E_, record(device_id={"a": 1}), "wrong_type"),
    ("an array as user", E_, record(user_id=["u"]), "wrong_type"),
    ("an empty array as user", E_, record(user_id=[]), "wrong_type"),
    ("true as user", E_, record(user_id=True), "wrong_type"),
    ("false as session", E_, record(session_id=False), "wrong_type"),
    ("an object as event", E_, record(event={}), "wrong_type"),
    ("an array as project", E_, record(project_id=[1]), "wrong_type"),
    ("text that reads like an object", E_, record(device_id='{"a":1}'), ""),
    ("text that reads like true", E_, record(device_id="true"), ""),
    ("text with a line like an object", E_, record(device_id="a\n{"), ""),
    ("no timestamp", E_, record(timestamp=...), "wrong_type"),
    ("null as timestamp", E_, record(timestamp=None), "wrong_type"),
    ("a word as timestamp", E_, record(timestamp="yesterday"), "wrong_type"),
    ("30 February", E_, record(timestamp="2026-02-30T00:00:00Z"), "wrong_type"),
    ("month 0", E_, record(timestamp="2025-00-10T00:00:00Z"), "wrong_type"),
    ("hour 24", E_, record(timestamp="2026-01-15T24:00:00Z"), "wrong_type"),
    ("an object as timestamp", E_, record(timestamp={"$date": 1}), "wrong_type"),
    ("true as timestamp", E_, record(timestamp=True), "wrong_type"),
    ("a word as sent_at", E_, record(sent_at="now"), "wrong_type"),
    ("an array as received_at", E_, record(received_at=[1]), "wrong_type"),
    ("text as properties", E_, record(properties="{}"), "wrong_type"),
    ("an array as properties", E_, record(properties=[{}]), "wrong_type"),
    ("a number as properties", E_, record(properties=5), "wrong_type"),
    # times
    ("no zone", E_, record(timestamp="2026-01-15T12:00:00"), ""),
    ("a space for T, no seconds", E_, record(timestamp="2026-01-15 12:00"), ""),
    ("an offset", E_, record(timestamp="2026-01-15T12:00:00.123456+05:30"), ""),
    ("a short offset", E_, record(timestamp="2026-01-15T12:00:00-03"), ""),
    ("a date", E_, record(timestamp="2026-01-15"), ""),
    ("epoch ms", E_, record(timestamp=1_768_478_400_000), ""),
    ("epoch ms with a fraction", E_, record(timestamp=1768478400000.5), ""),
    ("epoch ms as text", E_, record(timestamp="1768478400000"), ""),
    ("the first instant of 2000", E_, record(timestamp="2000-01-01T00:00:00.000Z"), ""),
    ("the last instant before 2000", E_, record(timestamp="1999-12-31T23:59:59.999Z"), "impossible_time"),
    ("epoch seconds", E_, record(timestamp=1_768_478_400), "impossible_time"),
    ("negative epoch ms", E_, record(timestamp=-5), "impossible_time"),
    ("a day ahead of Kafka's time", E_, record(timestamp=KAFKA_MS + DAY_MS), ""),
    ("a ms more than a day ahead", E_, record(timestamp=KAFKA_MS + DAY_MS + 1), "impossible_time"),
    (
        "a day ahead of received_at",
        E_,
        record(timestamp="2026-03-02T00:00:00Z", received_at="2026-03-01T00:00:00Z"),
        "",
    ),
    (
        "a ms more ahead of received_at",
        E_,
        record(timestamp="2026-03-02T00:00:00.001Z", received_at="2026-03-01T00:00:00Z"),
        "impossible_time",
    ),
    (
        "a clock of 1970 that is corrected",
        E_,
        record(timestamp=1_000, sent_at=2_000, received_at="2026-01-15T12:00:00Z"),
        "",
    ),
    ("a clock of 1970 that is not", E_, record(timestamp=1_000, received_at="2026-01-15T12:00:00Z"), "impossible_time"),
    (
        "a clock of 2050 that is corrected",
        E_,
        record(timestamp="2050-01-01T00:00:00Z", sent_at="2050-01-01T00:00:01Z", received_at="2026-01-15T12:00:00Z"),
        "",
    ),
    ("received in 1999", E_, record(received_at="1999-12-31T23:59:59Z"), "impossible_time"),
    ("received in 2100", E_, record(received_at="2100-01-01T00:00:00Z"), "impossible_time"),
    # identities
    ("identify", I_, identity("identify", device_id="d", user_id="u"), ""),
    ("identify without user", I_, identity("identify", device_id="d"), "missing_id"),
    ("identify without device", I_, identity("identify", user_id="u"), "missing_id"),
    ("alias of a device", I_, identity("alias", device_id="d", user_id="u"), ""),
    ("alias of a user", I_, identity("alias", previous_id="p", user_id="u"), ""),
    ("alias of nothing", I_, identity("alias", user_id="u"), "missing_id"),
    ("alias to nothing", I_, identity("alias", previous_id="p", device_id="d"), "missing_id"),
    ("merge of users", I_, identity("merge", previous_id="p", user_id="u"), ""),
    ("merge of devices", I_, identity("merge", previous_device_id="p", device_id="d"), ""),
    ("merge of one", I_, identity("merge", user_id="u"), "missing_id"),
    ("unmerge of users", I_, identity("unmerge", previous_id="p", user_id="u"), ""),
    ("unmerge of a device", I_, identity("unmerge", device_id="d", user_id="u"), ""),
    ("unmerge of nothing", I_, identity("unmerge", user_id="u"), "missing_id"),
    ("reset", I_, identity("reset", device_id="d"), ""),
    ("reset of a user", I_, identity("reset", user_id="u"), "missing_id"),
    ("no type", I_, identity(..., device_id="d"), "missing_id"),  # type: ignore[arg-type]
    ("another type", I_, identity("rename", device_id="d"), "wrong_type"),
    ("an object as previous_id", I_, identity("merge", previous_id={}, user_id="u"), "wrong_type"),
    # people
    *((f"people {kind}", P_, person(type=kind), "") for kind in ("set", "set_once", "increment", "unset", "delete")),
    ("people without user", P_, person(user_id=...), "missing_id"),
    ("people without type", P_, person(type=None), "missing_id"),
    ("another type of people", P_, person(type="append"), "wrong_type"),
    ("names to unset", P_, person(type="unset", properties=["a"]), ""),
    ("names to set", P_, person(type="set", properties=["a"]), "wrong_type"),
    ("delete needs no properties", P_, person(type="delete", properties=...), ""),
]


@pytest.fixture
def verdicts(warehouse: ClickHouse) -> dict[str, str]:
    """The error class of every case, by its name: one query per stream."""
    found: dict[str, str] = {}
    for stream in Stream:
        of_stream = [(name, payload) for name, kind, payload, _ in CASES if kind is stream]
        judged = judge(warehouse, stream, [payload for _, payload in of_stream])
        found |= {name: error_class for (name, _), (error_class, _) in zip(of_stream, judged, strict=True)}
    return found


def test_every_case_is_judged_as_the_rules_say(verdicts: dict[str, str]) -> None:
    expected = {name: error_class for name, _, _, error_class in CASES}

    assert {name: (verdicts[name], said) for name, said in expected.items() if verdicts[name] != said} == {}
    assert set(expected.values()) >= set(CLASSES) - {"too_large"}


@pytest.mark.parametrize(("more", "said"), [pytest.param(0, "", id="at"), pytest.param(1, "too_large", id="over")])
def test_the_limit_of_size_is_the_last_that_passes(warehouse: ClickHouse, more: int, said: str) -> None:
    payload = record()

    [(error_class, _)] = judge(warehouse, Stream.EVENTS, [payload], max_bytes=len(payload) - more)

    assert error_class == said


def test_without_a_time_of_kafkas_nothing_is_ahead(warehouse: ClickHouse) -> None:
    [(error_class, _)] = judge(warehouse, Stream.EVENTS, [record(timestamp="2090-01-01")], kafka_ms=-1)

    assert error_class == ""


def test_what_the_page_says_to_send_is_usable(warehouse: ClickHouse) -> None:
    page = (PROJECT_DIR / "docs" / "loading.md").read_text()
    examples = re.findall(r"^### (\w+)$.*?^```json\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)

    assert {Stream(of.lower()) for of, _ in examples} == set(Stream)
    for of, example in examples:
        assert judge(warehouse, Stream(of.lower()), [example.encode()]) == [("", "")]


def test_a_reason_never_holds_what_the_payload_says(warehouse: ClickHouse) -> None:
    secret = "s3cr3t"
    payloads = [
        secret.encode(),
        record(event_id=secret * 20),
        record(timestamp=secret),
        record(device_id={secret: 1}),
        record(properties=secret),
        record(Stream.IDENTITIES, type=secret),
    ]

    reasons = [reason for _, reason in judge(warehouse, Stream.EVENTS, payloads)]

    assert all(reasons[:5])
    assert not any(secret in reason for reason in reasons)
