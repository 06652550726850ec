"""What events say about themselves: the inside of `properties`."""

import numpy as np

from local.simulator.catalogue import CATEGORIES, EVENTS, SEARCHES
from local.simulator.config import SimulatorConfig
from local.simulator.events import Events
from local.simulator.fragments import Fragments
from local.simulator.text import uuid_texts
from local.simulator.world import Ints


def property_texts(config: SimulatorConfig, chunk: Events, fragments: Fragments) -> list[str]:
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
                for draw, item, quantity, amount in zip(_order_ids(chunk, rows), items, quantities, values, strict=True)
            ]
        elif name in ("sign_up", "login"):
            details[rows] = [f',"method":"{("password", "passkey", "google")[draw % 3]}"' for draw in draws]
    firsts = np.flatnonzero(chunk.is_first)
    details[firsts] = (
        fragments.context[chunk.device[firsts]] + fragments.campaign[chunk.campaign[firsts]] + details[firsts]
    )
    return list(fragments.agent[chunk.device] + details)


def _order_ids(chunk: Events, rows: Ints) -> list[str]:
    return [text[:8] for text in uuid_texts(chunk.event_id[rows].tobytes())]


def _mixed(quantity: int, is_text: bool) -> str:
    return f'"{quantity}"' if is_text else str(quantity)
