"""Write one simulation: three files in the order of delivery, and the truth beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from local.simulator.accounts import make_sign_ins
from local.simulator.catalogue import CAMPAIGNS, CODE, CRAWLER, EVENTS, GUARDED_IDS, UNKNOWN_EVENTS
from local.simulator.config import SimulatorConfig
from local.simulator.events import Events, make_events
from local.simulator.faults import Fault, count_classes, make_event_faults
from local.simulator.journeys import make_journeys
from local.simulator.messages import Message, make_identities, make_people
from local.simulator.post import Posted, post
from local.simulator.render import make_fragments, render
from local.simulator.transport import Deliveries, Devices, Stamps, deliver, make_devices, stamp, with_conflicts
from local.simulator.truth import TopicCounts, TrueHuman, TrueIdentity, TruePeopleMessage
from local.simulator.truth_files import write_truth
from local.simulator.visits import make_visits
from local.simulator.world import World, make_world

_LINES_AT_ONCE = 50_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was written where."""

    folder: Path
    humans: int
    counts: dict[str, TopicCounts]


def simulate(config: SimulatorConfig, folder: Path, progress: Progress = lambda done, total: None) -> Simulation:
    """Write `events.ndjson`, `identities.ndjson`, `people.ndjson` and `truth/` into `folder`.

    The same configuration gives the same bytes. `progress` is told records written and records in all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draws = [np.random.Generator(np.random.PCG64(seed)) for seed in np.random.SeedSequence(config.seed).spawn(10)]
    world = make_world(config, draws[0])
    visits = make_visits(config, world, draws[1])
    journeys = make_journeys(world.kind[visits.being], draws[2])
    steps = np.bincount(journeys[0], minlength=len(visits))
    sign_ins = make_sign_ins(config, world, visits, steps, draws[3])
    events = make_events(config, world, visits, journeys, sign_ins, draws[4])
    identities = make_identities(config, world, visits, sign_ins, events, draws[5])
    people = make_people(config, world, events, draws[6])

    devices = make_devices(config, world, draws[7])
    events, conflicts = with_conflicts(config, events, draws[7])
    stamps = stamp(config, events, devices, draws[7])
    stamps, deliveries = deliver(config, events, stamps, devices, draws[7])
    faults = make_event_faults(config, deliveries.delivered_ms, draws[8])
    _write_events(config, world, events, stamps, devices, deliveries, faults, folder / "events.ndjson", progress)
    posted_identities = post(config, identities, draws[9])
    posted_people = post(config, people, draws[9])
    _write_lines(folder / "identities.ndjson", posted_identities.lines)
    _write_lines(folder / "people.ndjson", posted_people.lines)

    counts = {
        "events": _count(world, events, stamps, devices, deliveries, faults, conflicts),
        "identities": posted_identities.counts,
        "people": posted_people.counts,
    }
    write_truth(
        folder / "truth",
        events=_truth_columns(config, world, events, stamps),
        identities=_true_identities(config, identities, posted_identities),
        people=_true_people(config, people, posted_people),
        humans=_true_humans(world),
        counts=counts,
    )
    return Simulation(folder, world.humans, counts)


def _write_lines(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _write_events(
    config: SimulatorConfig,
    world: World,
    events: Events,
    stamps: Stamps,
    devices: Devices,
    deliveries: Deliveries,
    faults: list[Fault],
    path: Path,
    progress: Progress,
) -> None:
    usable = len(deliveries.event)
    fault_times = np.array([fault.delivered_ms for fault in faults], dtype=np.int64)
    order = np.argsort(np.concatenate([deliveries.delivered_ms, fault_times]), kind="stable")
    fragments = make_fragments(config, world)
    with path.open("wb") as file:
        for start in range(0, len(order), _LINES_AT_ONCE):
            rows = order[start : start + _LINES_AT_ONCE]
            lines = render(
                config, world, events, stamps, devices, fragments, deliveries, np.where(rows < usable, rows, 0)
            )
            begun = 0
            for place in np.flatnonzero(rows >= usable).tolist():
                _append(file, lines[begun:place])
                file.write(faults[rows[place] - usable].line + b"\n")
                begun = place + 1
            _append(file, lines[begun:])
            progress(start + len(rows), len(order))


def _append(file: Any, lines: list[str]) -> None:
    if lines:
        file.write(("\n".join(lines) + "\n").encode())


def _count(
    world: World,
    events: Events,
    stamps: Stamps,
    devices: Devices,
    deliveries: Deliveries,
    faults: list[Fault],
    conflicts: int,
) -> TopicCounts:
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


def _truth_columns(config: SimulatorConfig, world: World, events: Events, stamps: Stamps) -> dict[str, Any]:
    priced = np.isin(events.event, [CODE[name] for name in ("view_item", "add_to_wishlist", "add_to_cart")])
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
        "item": np.where(priced, events.item, -1).astype(np.int16),
        "value_cents": events.value_cents.astype(np.int32),
        "campaign": events.campaign.astype(np.int8),
    }


def _human_ids(world: World) -> list[str]:
    return [f"human-{being}" if being < world.humans else f"bot-{being}" for being in range(world.beings)]


def _true_humans(world: World) -> list[TrueHuman]:
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


def _true_identities(config: SimulatorConfig, messages: list[Message], posted: Posted) -> list[TrueIdentity]:
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


def _true_people(config: SimulatorConfig, messages: list[Message], posted: Posted) -> list[TruePeopleMessage]:
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
