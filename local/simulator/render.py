"""Events as JSON, tens of thousands at a time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from local.simulator.catalogue import GUARDED_IDS
from local.simulator.config import SimulatorConfig
from local.simulator.events import Events
from local.simulator.fragments import Fragments, Texts
from local.simulator.properties import property_texts
from local.simulator.text import time_texts, uuid_texts
from local.simulator.transport import Deliveries, Devices, Stamps
from local.simulator.world import Ints, World


def render(
    config: SimulatorConfig,
    world: World,
    events: Events,
    stamps: Stamps,
    devices: Devices,
    fragments: Fragments,
    deliveries: Deliveries,
    rows: Ints,
) -> list[str]:
    """The JSON of these rows of `deliveries`, in their order."""
    source = deliveries.event[rows]
    chunk = events.take(source)
    form = devices.time_form[chunk.device]
    has_sent, has_received = stamps.has_sent[source], stamps.has_received[source]
    sent = _optional("sent_at", time_texts(deliveries.sent_ms[rows], form), has_sent)
    received = _optional("received_at", time_texts(deliveries.received_ms[rows], form * 0), has_received)
    session = [
        f',"session_id":"s-{visit}"' if keeps else ""
        for visit, keeps in zip(chunk.visit.tolist(), devices.keeps_sessions[chunk.device].tolist(), strict=True)
    ]
    columns: Sequence[Sequence[str]] = (
        uuid_texts(chunk.event_id.tobytes()),
        fragments.name[chunk.event].tolist(),
        time_texts(stamps.client_ms[source], form).tolist(),
        sent,
        received,
        fragments.project[chunk.visit % 2].tolist(),
        fragments.device[
            np.where(chunk.device_guard >= 0, len(world.device_ids) + chunk.device_guard, chunk.device)
        ].tolist(),
        fragments.user[_user_rows(chunk, world)].tolist(),
        session,
        property_texts(config, chunk, fragments),
    )
    lines = [
        f'{{"event_id":"{key}","event":"{name}","timestamp":{time}{sent_at}{received_at}{project}{device}{user}{session_id}'
        f',"properties":{{{properties}}}}}'
        for key, name, time, sent_at, received_at, project, device, user, session_id, properties in zip(
            *columns, strict=True
        )
    ]
    for row in np.flatnonzero(deliveries.key_order[rows]).tolist():
        key, name, time, sent_at, received_at, project, device, user, session_id, properties = (
            column[row] for column in columns
        )
        lines[row] = (
            f'{{"properties": {{{properties}}}{received_at}{sent_at}, "timestamp": {time}{user}{device}{session_id}'
            f'{project}, "library": {{"name": "shop.js", "version": [2, 1]}}, "event": "{name}", "event_id": "{key}"}}'
        )
    return lines


def _user_rows(chunk: Events, world: World) -> Ints:
    none = len(world.user_ids) + len(GUARDED_IDS)
    known = np.where(chunk.account >= 0, chunk.account, none)
    return np.where(chunk.user_guard >= 0, len(world.user_ids) + chunk.user_guard, known)


def _optional(name: str, texts: Texts, given: npt.NDArray[np.bool_]) -> list[str]:
    return [f',"{name}":{text}' if has else "" for text, has in zip(texts.tolist(), given.tolist(), strict=True)]
