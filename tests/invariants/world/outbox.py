"""How messages leave their clients: on wrong clocks, late, more than once, sometimes unusable at first."""

import json
import random
from datetime import UTC, datetime
from typing import Any

from tests.invariants.world.record import DAY_MS, HOUR_MS, MINUTE_MS, Record

Body = dict[str, Any]


class Outbox:
    """Makes records of messages. Every share below is a chance per message."""

    LATE = 0.05
    COPIED = 0.08
    CONFLICTING = 0.004
    UNUSABLE = 0.012
    MENDED = 0.8
    WRONG_CLOCKS = 0.2
    NO_GATEWAY = 0.1

    def __init__(self, chance: random.Random) -> None:
        self.records: list[Record] = []
        self._chance = chance
        self._clocks: dict[str, int] = {}
        self._sent = 0

    def post(self, stream: str, body: Body, at_ms: int, *, delay_ms: int | None = None) -> None:
        """Send a message that happened at `at_ms`, by the true clock."""
        self._sent += 1
        delay_ms = self._delay() if delay_ms is None else delay_ms
        body = {"event_id": f"{stream[0]}{self._sent}", **body}
        stamped = self._stamped(body, at_ms, at_ms + delay_ms)
        self._hand_over(stream, stamped, at_ms + delay_ms)
        if self._chance.random() < self.COPIED:
            self._copy(stream, stamped, at_ms + delay_ms)
        if stream == "events" and self._chance.random() < self.CONFLICTING:
            self._conflict(stamped, at_ms, delay_ms)

    def post_moved(self, body: Body, at_ms: int, *, by_ms: int, delay_ms: int) -> None:
        """Send an event that happened at `at_ms`, and `delay_ms` later a copy that counts instead, and moves it."""
        self._sent += 1
        sent = at_ms + HOUR_MS
        body = {"event_id": f"e{self._sent}", **body, "timestamp": _written(at_ms), "sent_at": _written(sent)}
        self._hand_over("events", body | {"received_at": _written(sent)}, at_ms + MINUTE_MS)
        moved = {"sent_at": _written(sent - 2 * by_ms), "received_at": _written(sent - by_ms)}
        self._hand_over("events", body | moved, at_ms + delay_ms)

    def _delay(self) -> int:
        if self._chance.random() < self.LATE:
            return self._chance.randrange(HOUR_MS, 60 * DAY_MS)
        return self._chance.randrange(2_000)

    def _stamped(self, body: Body, at_ms: int, sent_ms: int) -> Body:
        """The times of a message by the sender's clock, and what the gateway saw."""
        error_ms, has_gateway = self._clock(body), self._chance.random() >= self.NO_GATEWAY
        written = _written if self._chance.random() < 0.9 else int
        stamped = body | {"timestamp": written(at_ms + error_ms)}
        if not has_gateway:
            return stamped
        latency_ms = self._chance.choice([0, 0, 0, 1, 250, 1_999])
        return stamped | {"sent_at": _written(sent_ms + error_ms), "received_at": _written(sent_ms + latency_ms)}

    def _clock(self, body: Body) -> int:
        sender = str(body.get("device_id") or body.get("user_id"))
        if sender not in self._clocks:
            wrong = self._chance.random() < self.WRONG_CLOCKS
            self._clocks[sender] = self._chance.randrange(-3 * HOUR_MS, 3 * HOUR_MS) if wrong else 0
        return self._clocks[sender]

    def _copy(self, stream: str, body: Body, arrived_ms: int) -> None:
        """Copies of all kinds, any of which may be the one that counts, and arrive at any time later."""
        for _ in range(self._chance.choice([1, 1, 1, 2, 3])):
            later = self._chance.choice([MINUTE_MS, DAY_MS, 60 * DAY_MS])
            at_ms = arrived_ms + self._chance.randrange(1, later)
            self._hand_over(stream, self._reworded(stream, body), at_ms)

    def _reworded(self, stream: str, body: Body) -> Body:
        kind = self._chance.choice(["same bytes", "other order", "said more", "received at another time", "no times"])
        if kind == "other order":
            return dict(reversed(body.items()))
        if kind == "said more":
            return (
                body
                | {"sdk": self._chance.choice(["1.0", "2.0"])}
                | ({"event": "search"} if stream == "events" else {})
            )
        if kind == "received at another time" and "received_at" in body:
            shift = self._chance.choice([-HOUR_MS, -1, 1, 40 * MINUTE_MS])
            return body | {"received_at": _written(_read(body["received_at"]) + shift)}
        if kind == "no times":
            return {name: value for name, value in body.items() if name not in ("sent_at", "received_at")}
        return body

    def _conflict(self, body: Body, at_ms: int, delay_ms: int) -> None:
        """Another event under an id that is taken. Half of them end at the same corrected time."""
        shift = self._chance.choice([1_000, HOUR_MS, DAY_MS])
        other = body | {"timestamp": _written(at_ms + shift), "event": "search"}
        if "sent_at" in other and self._chance.random() < 0.5:
            other |= {"sent_at": _written(_read(body["sent_at"]) + shift), "timestamp": _shifted(body, shift)}
        self._hand_over("events", other, at_ms + delay_ms + self._chance.randrange(5 * DAY_MS))

    def _hand_over(self, stream: str, body: Body, arrives_ms: int) -> None:
        record = Record(stream, json.dumps(body).encode(), arrives_ms)
        if self._chance.random() >= self.UNUSABLE:
            self.records.append(record)
            return
        broken, error_class = self._chance.choice(
            [(record.payload[:-1], "not_json_object"), (_without(body, "timestamp"), "wrong_type")]
        )
        unusable = Record(stream, broken, arrives_ms, error_class)
        self.records.append(unusable)
        if self._chance.random() < self.MENDED:
            later = arrives_ms + self._chance.randrange(HOUR_MS, 20 * DAY_MS)
            self.records.append(Record(stream, record.payload, later, mends=unusable))


def _written(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def _read(text: str) -> int:
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _shifted(body: Body, by_ms: int) -> Any:
    timestamp = body["timestamp"]
    return timestamp + by_ms if isinstance(timestamp, int) else _written(_read(timestamp) + by_ms)


def _without(body: Body, name: str) -> bytes:
    return json.dumps({key: value for key, value in body.items() if key != name}).encode()
