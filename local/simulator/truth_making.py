"""What of a simulation goes into its truth."""

from typing import Any

import numpy as np

from local.simulator.catalogue import CAMPAIGNS, CODE, CRAWLER, EVENTS, GUARDED_IDS, UNKNOWN_EVENTS
from local.simulator.config import SimulatorConfig
from local.simulator.events import PRICED, Events
from local.simulator.faults import Fault, count_classes
from local.simulator.messages import Message
from local.simulator.post import Posted
from local.simulator.transport import Deliveries, Devices, Stamps
from local.simulator.truth import TopicCounts, TrueHuman, TrueIdentity, TruePeopleMessage
from local.simulator.world import World


def count_events(
    world: World,
    events: Events,
    stamps: Stamps,
    devices: Devices,
    deliveries: Deliveries,
    faults: list[Fault],
    conflicts: int,
) -> TopicCounts:
    """How the records of the topic `events` come down to clean ones."""
    kinds = {
        "late": stamps.is_late,
        "wrong_clocks": devices.clock_error_ms[events.device] != 0,
        "unknown_events": events.event >= CODE[UNKNOWN_EVENTS[0]],
        "bots": world.kind[events.being] == CRAWLER,
        "guarded_ids": (events.user_guard >= 0) | (events.device_guard >= 0),
        "campaigns": events.campaign >= 0,
        "unstamped": ~(stamps.has_sent & stamps.has_received),
        "signed_in": events.account >= 0,
    }
    usable, clean = len(deliveries.event), len(events)
    return TopicCounts(
        records=usable + len(faults),
        clean=clean,
        duplicates=usable - clean,
        unusable=count_classes(faults),
        kinds={"conflicts": conflicts} | {name: int(rows.sum()) for name, rows in kinds.items()},
    )


def truth_columns(config: SimulatorConfig, world: World, events: Events, stamps: Stamps) -> dict[str, Any]:
    """The columns that `truth_files` stores. A guarded id is none."""
    return {
        "project_id": np.array([config.project_id]),
        "event_names": np.array(EVENTS),
        "device_names": np.array(world.device_ids),
        "user_names": np.array(world.user_ids or [""]),
        "human_names": np.array(_human_ids(world)),
        "campaign_names": np.array([campaign.name for campaign in CAMPAIGNS]),
        "event_id": events.event_id,
        "event": events.event.astype(np.int16),
        "occurred_at_ms": stamps.occurred_ms,
        "client_timestamp_ms": stamps.client_ms,
        "device": np.where(events.device_guard >= 0, -1, events.device).astype(np.int32),
        "user": np.where(events.user_guard >= 0, -1, events.account).astype(np.int32),
        "human": events.being.astype(np.int32),
        "visit": events.visit.astype(np.int32),
        "is_bot": world.kind[events.being] == CRAWLER,
        "item": np.where(np.isin(events.event, PRICED), events.item, -1).astype(np.int16),
        "value_cents": events.value_cents.astype(np.int32),
        "campaign": events.campaign.astype(np.int8),
    }


def _human_ids(world: World) -> list[str]:
    return [f"human-{being}" if being < world.humans else f"bot-{being}" for being in range(world.beings)]


def true_humans(world: World) -> list[TrueHuman]:
    """Everyone, crawlers included."""
    rows = zip(
        _human_ids(world),
        world.first_device.tolist(),
        world.device_count.tolist(),
        world.borrowed_device.tolist(),
        world.account.tolist(),
        world.second_account.tolist(),
        (world.kind == CRAWLER).tolist(),
        strict=True,
    )
    return [
        TrueHuman(
            human_id,
            tuple(world.user_ids[each] for each in (account, second) if each >= 0),
            (
                *world.device_ids[first : first + count],
                *([world.device_ids[borrowed]] if borrowed >= 0 else []),
            ),
            is_bot,
        )
        for human_id, first, count, borrowed, account, second, is_bot in rows
    ]


def true_identities(config: SimulatorConfig, messages: list[Message], posted: Posted) -> list[TrueIdentity]:
    """Identity messages as the warehouse should know them."""
    return [
        TrueIdentity(
            config.project_id,
            event_id,
            message.body["type"],
            occurred,
            *(
                _guarded(message.body.get(name, ""))
                for name in ("device_id", "previous_device_id", "user_id", "previous_id")
            ),
        )
        for message, event_id, occurred in zip(messages, posted.event_ids, posted.occurred_ms, strict=True)
    ]


def true_people(config: SimulatorConfig, messages: list[Message], posted: Posted) -> list[TruePeopleMessage]:
    """People messages as the warehouse should know them."""
    return [
        TruePeopleMessage(
            config.project_id,
            event_id,
            message.body["type"],
            occurred,
            _guarded(message.body["user_id"]),
            message.body["properties"],
        )
        for message, event_id, occurred in zip(messages, posted.event_ids, posted.occurred_ms, strict=True)
    ]


def _guarded(identifier: str) -> str:
    return "" if identifier in GUARDED_IDS else identifier
