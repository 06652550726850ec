"""What a line becomes on its way: a key, a time and bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

_JSON_NAMES = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}
# Of the topics that are made here, and of what is sent in one piece.
LARGEST_RECORD = 8 << 20
# What a record takes beside its key and value, and bytes that do not compress.
_BESIDE = 16 << 10
_LATEST_MS = 4_102_444_800_000  # 2100: past any time that a broker takes


class Message(NamedTuple):
    """One record to send. `time_ms` is None where the line tells no time."""

    key: bytes | None
    value: bytes
    time_ms: int | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no message. `value` is what to send if it is to be sent all the same; None: it cannot be."""

    number: int
    value: bytes | None
    reason: str


def read_json(number: int, line: bytes) -> Message | BadLine:
    """Take a JSON line as it is. Only what is no JSON object at all is bad: the loader judges the rest."""
    try:
        body = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return BadLine(number, line, f"not JSON: {error}")
    if not isinstance(body, dict):
        return BadLine(number, line, f"not a JSON object but {_JSON_NAMES[type(body)]}")
    return Message(key_of(body), line, time_of(body))


def sendable(number: int, content: Message | BadLine) -> Message | BadLine:
    """The content, or a bad line in place of what is larger than a topic takes."""
    size = len(content.value or b"") + (len(content.key or b"") if isinstance(content, Message) else 0)
    if size > LARGEST_RECORD - _BESIDE:
        return BadLine(number, None, f"larger than {LARGEST_RECORD >> 20} MiB")
    return content


def key_of(body: Mapping[str, Any]) -> bytes | None:
    """The identifier that keeps what belongs together in one partition: the device, else the user."""
    key = body.get("device_id") or body.get("user_id")
    return key.encode() if isinstance(key, str) else None


def time_of(body: Mapping[str, Any]) -> int | None:
    """When the gateway received it, else when the client says it was; None if neither can be a record's time."""
    time = milliseconds(body.get("received_at"))
    return milliseconds(body.get("timestamp")) if time is None else time


def milliseconds(value: Any) -> int | None:
    """Milliseconds since 1970 of a number (already such) or an ISO 8601 text (UTC unless it says otherwise)."""
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            return None
        value = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if 0 <= value < _LATEST_MS else None
