"""Events as JSON, a hundred thousand at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from local.simulator.catalogue import (
    BOT_AGENTS,
    CAMPAIGNS,
    CATEGORIES,
    CRAWLER,
    EVENTS,
    GUARDED_IDS,
    SEARCHES,
    SYSTEMS,
    USER_AGENTS,
    item_prices_cents,
)
from local.simulator.config import SimulatorConfig
from local.simulator.events import Events
from local.simulator.text import time_texts, uuid_texts
from local.simulator.transport import Deliveries, Devices, Stamps
from local.simulator.world import Ints, World

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Fragments:
    """Pieces of JSON that events share. Each piece that stands between others begins with its comma."""

    device: Texts  # by device; then by guarded id; then one for none
    user: Texts  # by account, and the same
    agent: Texts  # by device
    context: Texts  # by device
    item: Texts
    campaign: Texts  # by campaign, then one for none
    name: Texts
    project: Texts


def make_fragments(config: SimulatorConfig, world: World) -> Fragments:
    """Build the pieces once per simulation."""
    guards = list(GUARDED_IDS)
    owners = np.zeros(len(world.device_ids), dtype=np.int64)
    own = np.repeat(np.arange(world.beings), world.device_count)
    owners[: len(own)] = own
    is_crawler = (world.kind[owners] == CRAWLER).tolist()
    agents = [
        BOT_AGENTS[device % len(BOT_AGENTS)] if crawls else USER_AGENTS[device % len(USER_AGENTS)]
        for device, crawls in enumerate(is_crawler)
    ]
    contexts = [
        f',"context":{{"os":{SYSTEMS[device % len(SYSTEMS)]},"screen":[{390 + device % 5 * 310},844]}}'
        for device in range(len(agents))
    ]
    project = f',"project_id":"{config.project_id}"'
    return Fragments(
        device=_array([f',"device_id":"{text}"' for text in [*world.device_ids, *guards]] + [""]),
        user=_array([f',"user_id":"{text}"' for text in [*world.user_ids, *guards]] + [',"user_id":null']),
        agent=_array([f'"user_agent":"{agent}"' for agent in agents]),
        context=_array(contexts),
        item=_array(_items()),
        campaign=_array(
            [
                f',"utm_source":"{each.source}","utm_medium":"{each.medium}","utm_campaign":"{each.name}"'
                for each in CAMPAIGNS
            ]
            + [""]
        ),
        name=_array(list(EVENTS)),
        # Only the default project may go without saying.
        project=_array([project, "" if config.project_id == "default" else project]),
    )


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
        _properties(config, chunk, fragments),
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


def _properties(config: SimulatorConfig, chunk: Events, fragments: Fragments) -> list[str]:
    """What is inside the braces: the user agent, where the visit came from, and what the event is about."""
    details = np.full(len(chunk), "", dtype=object)
    # Cheap and stable dice: the ids are random already, and a copy must say the same.
    dice = chunk.event_id[:, 15].astype(np.int64) * 256 + chunk.event_id[:, 14]
    mixed = dice < config.mixed_type_share * 65_536
    value = chunk.value_cents / 100
    for code in np.unique(chunk.event).tolist():
        rows = np.flatnonzero(chunk.event == code)
        name = EVENTS[code]
        items = fragments.item[chunk.item[rows]].tolist()
        quantities = chunk.quantity[rows].tolist()
        values = value[rows].tolist()
        draws = dice[rows].tolist()
        if name == "page_view":
            details[rows] = [f',"page":"/p/{draw % 40}"' for draw in draws]
        elif name == "view_item_list":
            details[rows] = [
                f',"page":"/c/{CATEGORIES[draw % len(CATEGORIES)]}","results":{draw % 60}' for draw in draws
            ]
        elif name == "search":
            details[rows] = [
                f',"query":"{SEARCHES[draw % len(SEARCHES)]}","results":{draw % 90 or "null"}' for draw in draws
            ]
        elif name in ("view_item", "add_to_wishlist"):
            details[rows] = items
        elif name == "add_to_cart":
            details[rows] = [
                f'{item},"quantity":{_mixed(quantity, is_text)},"value":{amount:.2f}'
                for item, quantity, is_text, amount in zip(items, quantities, mixed[rows].tolist(), values, strict=True)
            ]
        elif name in ("begin_checkout", "purchase"):
            order = "order_id" if name == "purchase" else "cart_id"
            details[rows] = [
                f',"{order}":"o-{draw}","value":{amount:.2f},"currency":"EUR","cart":{{"lines":[{{"quantity":{quantity}{item}}}],'
                f'"total":{amount:.2f},"coupon":null}}'
                for draw, item, quantity, amount in zip(
                    chunk_orders(chunk, rows), items, quantities, values, strict=True
                )
            ]
        elif name in ("sign_up", "login"):
            details[rows] = [f',"method":"{("password", "passkey", "google")[draw % 3]}"' for draw in draws]
    firsts = np.flatnonzero(chunk.is_first)
    details[firsts] = (
        fragments.context[chunk.device[firsts]] + fragments.campaign[chunk.campaign[firsts]] + details[firsts]
    )
    return list(fragments.agent[chunk.device] + details)


def chunk_orders(chunk: Events, rows: Ints) -> list[str]:
    return [text[:8] for text in uuid_texts(chunk.event_id[rows].tobytes())]


def _mixed(quantity: int, is_text: bool) -> str:
    return f'"{quantity}"' if is_text else str(quantity)


def _items() -> list[str]:
    return [
        f',"item_id":"sku-{item:04d}","category":"{CATEGORIES[item % len(CATEGORIES)]}","price":{cents / 100:.2f}'
        for item, cents in enumerate(item_prices_cents().tolist())
    ]


def _optional(name: str, texts: Texts, given: npt.NDArray[np.bool_]) -> list[str]:
    return [f',"{name}":{text}' if has else "" for text, has in zip(texts.tolist(), given.tolist(), strict=True)]


def _array(texts: list[str]) -> Texts:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array
