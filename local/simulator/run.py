"""Write one simulation: three files in the order of delivery, and the truth beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from local.simulator.accounts import make_sign_ins
from local.simulator.config import SimulatorConfig, SimulatorOptionError
from local.simulator.events import Events, make_events
from local.simulator.faults import Fault, make_event_faults
from local.simulator.fragments import make_fragments
from local.simulator.journeys import make_journeys
from local.simulator.messages import make_identities, make_people
from local.simulator.post import post
from local.simulator.render import render
from local.simulator.transport import Deliveries, Devices, Stamps, deliver, make_devices, stamp, with_conflicts
from local.simulator.truth import TopicCounts
from local.simulator.truth_files import write_truth
from local.simulator.truth_making import count_events, true_humans, true_identities, true_people, truth_columns
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
    Raises SimulatorOptionError where `folder` cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SimulatorOptionError(f"simulate: {folder} cannot be a folder: {error.strerror}") from error
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
        "events": count_events(world, events, stamps, devices, deliveries, faults, conflicts),
        "identities": posted_identities.counts,
        "people": posted_people.counts,
    }
    write_truth(
        folder / "truth",
        events=truth_columns(config, world, events, stamps),
        identities=true_identities(config, identities, posted_identities),
        people=true_people(config, people, posted_people),
        humans=true_humans(world),
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
