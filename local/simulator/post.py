"""How messages reach their topics: like events, but few enough to be handled one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from local.simulator.config import DAY_MS, SimulatorConfig
from local.simulator.faults import Fault, count_classes, make_message_faults
from local.simulator.messages import Message
from local.simulator.text import random_uuids, time_texts, uuid_texts
from local.simulator.transport import late_ms
from local.simulator.truth import TopicCounts


@dataclass(frozen=True, slots=True)
class Posted:
    """A topic's lines in the order of delivery; ids and true times by message."""

    lines: list[bytes]
    event_ids: list[str]
    occurred_ms: list[int]
    counts: TopicCounts


def post(config: SimulatorConfig, messages: Sequence[Message], random: np.random.Generator) -> Posted:
    """Deliver the messages, some late, some twice, between records that cannot be used."""
    count = len(messages)
    made = np.array([message.true_ms for message in messages], dtype=np.int64)
    is_late = random.random(count) < config.late_share
    wait = np.where(is_late, late_ms(config, count, random), random.integers(0, 5_000, count))
    latency = random.integers(5, 900, count)
    # Half say when they were sent, half of those by a clock that may be wrong; some come without any stamp.
    stamps = random.random(count)
    has_received, has_sent = stamps < 0.8, stamps < 0.5
    wrong = has_sent & (random.random(count) < config.wrong_clock_share)
    error = np.where(wrong, random.integers(-DAY_MS, DAY_MS, count), 0)
    client, sent, received = made + error, made + wait + error, made + wait + latency
    occurred = np.where(has_sent, client + received - sent, client)

    event_ids = uuid_texts(random_uuids(random, count).tobytes())
    iso = np.zeros(count, dtype=np.int64)
    texts = [time_texts(times, iso).tolist() for times in (client, sent, received)]
    retry = random.integers(1_000, DAY_MS, count)
    again_texts = [time_texts(times, iso).tolist() for times in (sent + retry, received + retry + 1)]
    copied = random.random(count) < config.duplicate_share
    delivered: list[tuple[int, bytes]] = []
    for row, message in enumerate(messages):
        body = orjson.dumps(message.body)[1:].decode()
        head = f'{{"event_id":"{event_ids[row]}","timestamp":{texts[0][row]},"project_id":"{config.project_id}"'
        line = _stamped(head, body, texts[1][row], texts[2][row], bool(has_sent[row]), bool(has_received[row]))
        delivered.append((int(received[row]), line))
        if copied[row]:
            again = _stamped(
                head, body, again_texts[0][row], again_texts[1][row], bool(has_sent[row]), bool(has_received[row])
            )
            delivered.append((int(received[row] + retry[row]), again))
    records = len(delivered)
    template = dict(messages[0].body) | {"user_id": "user-x"} if messages else {}
    faults = make_message_faults(config, [at for at, _ in delivered], template, random)
    delivered += [(fault.delivered_ms, fault.line) for fault in faults]
    delivered.sort(key=lambda each: each[0])
    return Posted(
        [line for _, line in delivered],
        event_ids,
        occurred.tolist(),
        _counts(records, count, faults, late=int(is_late.sum()), wrong_clocks=int(wrong.sum())),
    )


def _stamped(head: str, body: str, sent: str, received: str, has_sent: bool, has_received: bool) -> bytes:
    stamps = (f',"sent_at":{sent}' if has_sent else "") + (f',"received_at":{received}' if has_received else "")
    return f"{head}{stamps},{body}".encode()


def _counts(records: int, clean: int, faults: list[Fault], **kinds: int) -> TopicCounts:
    return TopicCounts(records + len(faults), clean, records - clean, count_classes(faults), kinds)
