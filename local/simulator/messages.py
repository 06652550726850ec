"""What is said about who is who: identity messages and people messages, each at its true time."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from local.simulator.accounts import SignIns
from local.simulator.catalogue import CAMPAIGNS, CODE, GUARDED_IDS
from local.simulator.config import DAY_MS, SimulatorConfig
from local.simulator.events import Events
from local.simulator.visits import Visits
from local.simulator.world import World


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its sender means it; `body` has all keys but the id and the times."""

    true_ms: int
    body: dict[str, Any]


def make_identities(
    config: SimulatorConfig,
    world: World,
    visits: Visits,
    sign_ins: SignIns,
    events: Events,
    random: np.random.Generator,
) -> list[Message]:
    """Messages of the topic `identities`, by kind, then by time."""
    return [
        *_logins(config, world, events, random),
        *_resets(config, world, visits, sign_ins, events),
        *_second_accounts(config, world, random),
        *_device_merges(config, world, random),
        *_mistaken_merges(config, world, random),
    ]


def _logins(config: SimulatorConfig, world: World, events: Events, random: np.random.Generator) -> list[Message]:
    rows = np.flatnonzero((events.event == CODE["sign_up"]) | (events.event == CODE["login"]))
    says, is_alias, unmerges, guarded = random.random((4, len(rows)))
    messages = []
    for row, at, device, account in zip(
        range(len(rows)),
        events.true_ms[rows].tolist(),
        events.device[rows].tolist(),
        events.account[rows].tolist(),
        strict=True,
    ):
        pair = {"device_id": world.device_ids[device], "user_id": world.user_ids[account]}
        if says[row] < config.identify_share:
            kind = "alias" if is_alias[row] < config.alias_share else "identify"
            messages.append(Message(at + 40, {"type": kind, **pair}))
        if unmerges[row] < config.device_unmerge_share:
            messages.append(Message(at + 3_600_000, {"type": "unmerge", **pair}))
        if guarded[row] < config.guarded_id_share:
            nobody = GUARDED_IDS[row % len(GUARDED_IDS)]
            messages.append(Message(at + 20, {"type": "identify", **pair, "user_id": nobody}))
    return messages


def _resets(config: SimulatorConfig, world: World, visits: Visits, sign_ins: SignIns, events: Events) -> list[Message]:
    ends = visits.start_ms.copy()
    np.maximum.at(ends, events.visit, events.true_ms)
    times = [
        *zip(visits.start_ms[sign_ins.logs_out_before] - 500, visits.device[sign_ins.logs_out_before], strict=True),
        *zip(ends[sign_ins.logs_out_after] + 2_000, visits.device[sign_ins.logs_out_after], strict=True),
    ]
    return [Message(int(at), {"type": "reset", "device_id": world.device_ids[device]}) for at, device in times]


def _second_accounts(config: SimulatorConfig, world: World, random: np.random.Generator) -> list[Message]:
    beings = np.flatnonzero(world.second_account >= 0)
    beings = beings[random.random(len(beings)) < config.merge_share]
    times = random.integers(config.start_ms, config.end_ms, len(beings)).tolist()
    return [
        Message(
            at,
            {
                "type": ("merge", "alias")[index % 2],
                "user_id": world.user_ids[world.account[being]],
                "previous_id": world.user_ids[world.second_account[being]],
            },
        )
        for index, (being, at) in enumerate(zip(beings.tolist(), times, strict=True))
    ]


def _device_merges(config: SimulatorConfig, world: World, random: np.random.Generator) -> list[Message]:
    beings = np.flatnonzero(world.device_count > 1)
    beings = beings[random.random(len(beings)) < config.device_merge_share]
    times = random.integers(config.start_ms, config.end_ms, len(beings)).tolist()
    return [
        Message(
            at,
            {
                "type": "merge",
                "device_id": world.device_ids[world.first_device[being]],
                "previous_device_id": world.device_ids[world.first_device[being] + 1],
            },
        )
        for being, at in zip(beings.tolist(), times, strict=True)
    ]


def _mistaken_merges(config: SimulatorConfig, world: World, random: np.random.Generator) -> list[Message]:
    """Two strangers made one by mistake, and parted again some days later."""
    members = np.flatnonzero(world.account >= 0)
    mistaken = members[random.random(len(members)) < config.mistaken_merge_share]
    if len(members) < 2:
        return []
    strangers = random.choice(members, len(mistaken))
    times = random.integers(config.start_ms, config.end_ms, len(mistaken)).tolist()
    messages = []
    for being, stranger, at in zip(mistaken.tolist(), strangers.tolist(), times, strict=True):
        if being != stranger:
            pair = {
                "user_id": world.user_ids[world.account[being]],
                "previous_id": world.user_ids[world.account[stranger]],
            }
            messages.append(Message(at, {"type": "merge", **pair}))
            messages.append(Message(at + 2 * DAY_MS, {"type": "unmerge", **pair}))
    return messages


def make_people(config: SimulatorConfig, world: World, events: Events, random: np.random.Generator) -> list[Message]:
    """Messages of the topic `people`: profiles at sign-up, counters at purchases, and some that go again."""
    messages = []
    sign_ups = np.flatnonzero(events.event == CODE["sign_up"])
    unset, delete = random.random((2, len(sign_ups)))
    campaign = random.integers(0, len(CAMPAIGNS), len(sign_ups))
    for row, (at, account) in enumerate(
        zip(events.true_ms[sign_ups].tolist(), events.account[sign_ups].tolist(), strict=True)
    ):
        user = world.user_ids[account]
        plan = ("free", "free", "plus")[account % 3]
        first = {"first_campaign": CAMPAIGNS[campaign[row]].name, "signed_up_at": at}
        profile = {"name": f"Zoë {account}", "email": f"{user}@example.com", "plan": plan, "address": {"country": "DE"}}
        messages.append(Message(at + 60, {"type": "set", "user_id": user, "properties": profile}))
        messages.append(Message(at + 61, {"type": "set_once", "user_id": user, "properties": first}))
        if unset[row] < config.profile_unset_share:
            messages.append(Message(at + DAY_MS, {"type": "unset", "user_id": user, "properties": {"plan": None}}))
        if delete[row] < config.profile_delete_share:
            messages.append(Message(at + 9 * DAY_MS, {"type": "delete", "user_id": user, "properties": {}}))
    bought = np.flatnonzero((events.event == CODE["purchase"]) & (events.account >= 0))
    for at, account, cents in zip(
        events.true_ms[bought].tolist(),
        events.account[bought].tolist(),
        events.value_cents[bought].tolist(),
        strict=True,
    ):
        # Cents, so that sums are exact.
        counters = {"orders": 1, "revenue_cents": cents}
        messages.append(
            Message(at + 30, {"type": "increment", "user_id": world.user_ids[account], "properties": counters})
        )
    return messages
