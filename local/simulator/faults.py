"""Records that no warehouse can use, in every way that the loader's check knows, and no others."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from loaders.check import IMPOSSIBLE_TIME, MISSING_ID, NOT_JSON_OBJECT, TOO_LARGE, WRONG_TYPE
from local.simulator.config import DAY_MS, SimulatorConfig
from local.simulator.text import random_uuids, time_text, uuid_texts

LARGEST_BYTES = 1 << 20

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One unusable record: its bytes hold no line break."""

    error_class: str
    line: bytes
    delivered_ms: int


def _cut(body: Body) -> bytes:
    return orjson.dumps(body)[:-9]


def _with(**changes: Any) -> Callable[[Body], bytes]:
    return lambda body: orjson.dumps(body | changes)


def _without(*names: str) -> Callable[[Body], bytes]:
    return lambda body: orjson.dumps({name: value for name, value in body.items() if name not in names})


# The ways of all topics, then those of events.
_COMMON: tuple[tuple[str, Callable[[Body], bytes]], ...] = (
    (NOT_JSON_OBJECT, _cut),
    (NOT_JSON_OBJECT, lambda body: b"<html><body>502 Bad Gateway</body></html>"),
    (NOT_JSON_OBJECT, lambda body: orjson.dumps([body])),
    (NOT_JSON_OBJECT, lambda body: b"null"),
    (NOT_JSON_OBJECT, lambda body: orjson.dumps(str(body["event_id"]))),
    (NOT_JSON_OBJECT, lambda body: orjson.dumps(body).replace(b'"event_id"', b'"event_id\xff\xfe"')),
    (NOT_JSON_OBJECT, lambda body: b"\x00\x01\x00\x00\x00\x2a" + orjson.dumps(body)),
    (MISSING_ID, _without("event_id")),
    (MISSING_ID, _with(event_id="")),
    (MISSING_ID, _with(event_id=None)),
    (WRONG_TYPE, _with(event_id={"id": 7})),
    (WRONG_TYPE, _with(timestamp="yesterday")),
    (WRONG_TYPE, _with(timestamp=[2025])),
)
_OF_EVENTS: tuple[tuple[str, Callable[[Body], bytes]], ...] = (
    (MISSING_ID, _without("device_id")),
    (MISSING_ID, _with(device_id="", user_id=None)),
    (MISSING_ID, _without("event")),
    (WRONG_TYPE, _with(event=True)),
    (WRONG_TYPE, _with(event_id="x" * 65)),
    (WRONG_TYPE, _with(received_at="2025-13-45")),
    (WRONG_TYPE, _with(device_id=["a", "b"])),
    (WRONG_TYPE, _with(properties="none")),
    (WRONG_TYPE, _with(properties=[1, 2])),
    (IMPOSSIBLE_TIME, _with(timestamp=0)),
    (IMPOSSIBLE_TIME, _with(timestamp="1999-12-31T23:59:59.999Z")),
)


def make_event_faults(
    config: SimulatorConfig, delivered_ms: np.ndarray[Any, np.dtype[np.int64]], random: np.random.Generator
) -> list[Fault]:
    """Faults of the topic `events`, spread over the times of delivery."""
    ways = (*_COMMON, *_OF_EVENTS, (IMPOSSIBLE_TIME, _ahead))
    share = config.malformed_share / (1 - config.malformed_share) if config.malformed_share < 1 else 1.0
    count = round(len(delivered_ms) * share)
    bodies = _bodies(random, delivered_ms, count, {"event": "page_view", "properties": {"page": "/p/1"}})
    faults = [
        Fault(ways[index % len(ways)][0], ways[index % len(ways)][1](body), at)
        for index, (body, at) in enumerate(bodies)
    ]
    padding = "x" * LARGEST_BYTES
    for body, at in _bodies(random, delivered_ms, config.oversized_records, {"event": "page_view"}):
        faults.append(Fault(TOO_LARGE, orjson.dumps(body | {"properties": {"padding": padding}}), at))
    return faults


def make_message_faults(
    config: SimulatorConfig, delivered_ms: list[int], body: Body, random: np.random.Generator
) -> list[Fault]:
    """Faults of the topics `identities` and `people`: at least one, if any are wanted."""
    wanted = len(delivered_ms) * config.malformed_share
    count = max(1, round(wanted)) if wanted else 0
    bodies = _bodies(random, np.array(delivered_ms, dtype=np.int64), count, body)
    return [
        Fault(_COMMON[index % len(_COMMON)][0], _COMMON[index % len(_COMMON)][1](each), at)
        for index, (each, at) in enumerate(bodies)
    ]


def count_classes(faults: list[Fault]) -> dict[str, int]:
    """How many faults there are of each class."""
    return dict(sorted(Counter(fault.error_class for fault in faults).items()))


def _bodies(
    random: np.random.Generator, delivered_ms: np.ndarray[Any, np.dtype[np.int64]], count: int, more: Body
) -> list[tuple[Body, int]]:
    if not len(delivered_ms):
        return []
    keys = uuid_texts(random_uuids(random, 2 * count).tobytes())
    times = random.choice(delivered_ms, count).tolist()
    return [
        (
            {
                "event_id": keys[2 * index],
                "timestamp": time_text(at - 1_000)[1:-1],
                "received_at": time_text(at)[1:-1],
                "device_id": keys[2 * index + 1],
                **more,
            },
            at,
        )
        for index, at in enumerate(times)
    ]


def _ahead(body: Body) -> bytes:
    received = np.datetime64(body["received_at"][:-1], "ms").astype(np.int64)
    return orjson.dumps(body | {"timestamp": int(received) + 30 * DAY_MS})
