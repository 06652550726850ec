"""The clean events of all visits, as columns, with the client's and the gateway's clocks."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from local.simulator.accounts import SignIns
from local.simulator.catalogue import (
    CAMPAIGNS,
    CODE,
    CRAWLER,
    GUARDED_IDS,
    ITEMS,
    STEPS,
    UNKNOWN_EVENTS,
    item_prices_cents,
)
from local.simulator.config import SimulatorConfig
from local.simulator.text import random_uuids
from local.simulator.visits import Visits
from local.simulator.world import Bools, Floats, Ints, World

PRICED = np.array([CODE[name] for name in ("view_item", "add_to_wishlist", "add_to_cart")])
_VALUED = np.array([CODE[name] for name in ("add_to_cart", "begin_checkout", "purchase")])


@dataclass(frozen=True, slots=True)
class Events:
    """One row per event, ordered by visit, then by time. Codes of -1 mean none."""

    event_id: npt.NDArray[np.uint8]  # rows of 16 bytes
    event: Ints
    true_ms: Ints
    visit: Ints
    being: Ints
    device: Ints
    account: Ints
    item: Ints
    quantity: Ints
    value_cents: Ints
    campaign: Ints
    user_guard: Ints  # which of GUARDED_IDS stands in place of the user id
    device_guard: Ints
    is_first: Bools  # of its visit

    def __len__(self) -> int:
        return len(self.event)

    def take(self, rows: npt.NDArray[Any]) -> Self:
        return type(self)(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def make_events(
    config: SimulatorConfig,
    world: World,
    visits: Visits,
    journeys: tuple[Ints, Ints],
    sign_ins: SignIns,
    random: np.random.Generator,
) -> Events:
    """Put logins between the steps, draw the times, and fill in what each event says."""
    visit, event, account = _with_logins(journeys, sign_ins)
    is_first = np.concatenate([[True], visit[1:] != visit[:-1]])
    being = visits.being[visit]
    true_ms = _times(visits, visit, is_first, world.kind[being], random)
    item = _items(event, visit, random)
    quantity = 1 + (random.random(len(event)) < 0.2) + (random.random(len(event)) < 0.05)
    value = np.where(np.isin(event, _VALUED), item_prices_cents()[item] * quantity, -1)
    user_guard, device_guard = _guards(config, account, random)
    events = Events(
        event_id=random_uuids(random, len(event)),
        event=_with_unknown(config, event, random),
        true_ms=true_ms,
        visit=visit,
        being=being,
        device=visits.device[visit],
        account=account,
        item=np.where(np.isin(event, PRICED) | (value >= 0), item, -1),
        quantity=quantity,
        value_cents=value,
        campaign=np.where(is_first, _campaigns(config, visits, random)[visit], -1),
        user_guard=user_guard,
        device_guard=device_guard,
        is_first=is_first,
    )
    return events.take(np.flatnonzero(true_ms < config.end_ms))


def _with_logins(journeys: tuple[Ints, Ints], sign_ins: SignIns) -> tuple[Ints, Ints, Ints]:
    """(visit, event, account) with the logins in place. Steps before a login carry the account of before."""
    visit, step = journeys
    starts = np.concatenate([[True], visit[1:] != visit[:-1]])
    position = np.arange(len(visit)) - np.maximum.accumulate(np.where(starts, np.arange(len(visit)), 0))
    logins = np.flatnonzero(sign_ins.login_step >= 0)
    all_visits = np.concatenate([visit, logins])
    # A login stands right before the step of its number.
    places = np.concatenate([2 * position + 1, 2 * sign_ins.login_step[logins]])
    events = np.concatenate([step, np.where(sign_ins.is_sign_up[logins], CODE["sign_up"], CODE["login"])])
    order = np.lexsort((places, all_visits))
    all_visits, places = all_visits[order], places[order]
    login_place = 2 * sign_ins.login_step[all_visits]
    is_before = (login_place >= 0) & (places < login_place)
    account = np.where(is_before, sign_ins.account_before[all_visits], sign_ins.account_after[all_visits])
    return all_visits, events[order], account


def _times(visits: Visits, visit: Ints, is_first: Bools, kind: Ints, random: np.random.Generator) -> Ints:
    """Seconds to minutes between the steps, a crawler's faster; a few share one millisecond."""
    median_ms = np.where(kind == CRAWLER, 1_200.0, 22_000.0)
    gaps = np.round(median_ms * random.lognormal(0.0, 1.1, len(visit))).astype(np.int64)
    gaps[random.random(len(visit)) < 0.004] = 0
    gaps[is_first] = 0
    elapsed = np.cumsum(gaps)
    first_row = np.maximum.accumulate(np.where(is_first, np.arange(len(visit)), 0))
    return visits.start_ms[visit] + elapsed - elapsed[first_row]


def _items(event: Ints, visit: Ints, random: np.random.Generator) -> Ints:
    """The item each event is about: the one last viewed in the visit, else one of its own. A few sell most."""
    odds: Floats = 1 / (np.arange(ITEMS) + 3.0)
    drawn = np.searchsorted(np.cumsum(odds / odds.sum())[:-1], random.random(len(event)))
    rows = np.arange(len(event))
    viewed = np.maximum.accumulate(np.where(event == CODE["view_item"], rows, 0))
    return np.where(visit[viewed] == visit, drawn[viewed], drawn)


def _with_unknown(config: SimulatorConfig, event: Ints, random: np.random.Generator) -> Ints:
    unknown = (
        (event < len(STEPS)) & (event <= CODE["search"]) & (random.random(len(event)) < config.unknown_event_share)
    )
    return np.where(unknown, CODE[UNKNOWN_EVENTS[0]] + random.integers(0, len(UNKNOWN_EVENTS), len(event)), event)


def _campaigns(config: SimulatorConfig, visits: Visits, random: np.random.Generator) -> Ints:
    chosen = random.integers(0, len(CAMPAIGNS), len(visits))
    progress = (visits.start_ms - config.start_ms) / (config.end_ms - config.start_ms)
    begins = np.array([campaign.begins for campaign in CAMPAIGNS])[chosen]
    ends = np.array([campaign.ends for campaign in CAMPAIGNS])[chosen]
    # Out of its own time a campaign's visitors are the always-on one's.
    chosen = np.where((begins <= progress) & (progress < ends), chosen, 0)
    return np.where(random.random(len(visits)) < config.campaign_share, chosen, -1)


def _guards(config: SimulatorConfig, account: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Signed-out events may name a user who is no one; any event a device that is none."""
    guard = random.integers(0, len(GUARDED_IDS), len(account))
    guarded = random.random(len(account)) < config.guarded_id_share
    of_user = guarded & (account < 0) & (random.random(len(account)) < 0.7)
    return np.where(of_user, guard, -1), np.where(guarded & ~of_user, guard, -1)
