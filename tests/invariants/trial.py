"""One seed: the same records in batches, by full refresh, and in another order; every model has to be the same."""

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.invariants.behaviour import wrong_behaviour
from tests.invariants.identity import wrong_persons, wrong_sessions
from tests.invariants.known import KnownPersons
from tests.invariants.lateness import wrong_lateness
from tests.invariants.live import foreseen
from tests.invariants.met import Met, met_by
from tests.invariants.moved import MovedEvents
from tests.invariants.parted import PartedPersons
from tests.invariants.properties import wrong_properties
from tests.invariants.reasons import REASONS, Reasons
from tests.invariants.restated import RestatedNumbers
from tests.invariants.schedule import chosen, maintain
from tests.invariants.set_aside import wrong_set_aside
from tests.invariants.truth import Truth
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.humans import GUARDS
from tests.invariants.world.record import TIMEZONE
from tests.invariants.world.world import World, make_world
from tests.support.builder import open_builder

# Of the tables of a world some are large by that, others small.
VARIABLES: Mapping[str, Any] = {**GUARDS, "timezone": TIMEZONE, "closed_by_place_from": 1_000}
# By which the first batch is built at first.
EARLIER_VARIABLES: Mapping[str, Any] = {
    "timezone": TIMEZONE,
    "session_gap": "45 minutes",
    "max_users_per_device": 2,
    "max_identifiers": 3,
    "default_where": "true",
}
# What says where a record came from and when: another order of landing changes it.
OF_LANDING = (
    "topic", "generation", "partition", "offset", "lane", "replay_seq", "loaded_at", "record_id", "run",
)  # fmt: skip
# All that it says is when records landed.
ABOUT_LANDING = {"event_lateness"}
KEPT = "kept"
# How far the seeds lie apart of worlds that are drawn for one: even, as odd ones are of another kind.
REDRAWN = 1_000
Rule = Callable[[Warehouse, Truth], list[str]]
RULES: tuple[Rule, ...] = (
    wrong_persons, wrong_set_aside, wrong_sessions, wrong_properties, wrong_lateness, wrong_behaviour,
)  # fmt: skip


@dataclass
class Result:
    """`violations` is empty where everything held."""

    seed: int
    batches: int
    met: Mapping[str, int]
    batch_seconds: Sequence[float] = ()
    full_seconds: float = 0
    violations: list[str] = field(default_factory=list)


def wrong_restatements(warehouse: Warehouse) -> list[str]:
    """Reasons that were not met, and restatements without any."""
    [(reasons,)] = warehouse.rows("SELECT groupUniqArrayArray(reasons) FROM {marts}.restatements")
    unexplained = warehouse.rows(
        "SELECT model, measure, count(), any(key) FROM {marts}.restatements WHERE empty(reasons)"
        " GROUP BY model, measure"
    )
    return [f"none by {reason}" for reason in sorted(set(REASONS) - set(reasons))] + [
        f"{count} of {model}.{measure} have no reason, as {key}" for model, measure, count, key in unexplained
    ]


def drawn_world(seed: int, batches: int) -> tuple[World, Met, Truth]:
    """The world of a seed, drawn anew, twice at most, where it does not meet enough."""
    for draw in range(3):
        world = make_world(seed + draw * REDRAWN)
        met, truth = met_by(world.batches(batches))
        if not met.lacking():
            break
    return world, met, truth


def run_seed(warehouse: Warehouse, seed: int, *, batches: int, tests: bool = False) -> Result:
    """Land and build batch for batch, then compare with the rules, a full refresh, and another order of landing.

    The first batch is built by other variables, then again, so that a plan changes too.
    """
    world, met, truth = drawn_world(seed, batches)
    pieces = world.batches(batches)
    result = Result(seed, batches, asdict(met), violations=[f"met too little: {what}" for what in met.lacking()])
    warehouse.reset()
    first, *later = pieces
    warehouse.raw.land(first)
    with (
        tempfile.TemporaryDirectory(prefix="throughline-earlier-") as folder,
        open_builder(warehouse.settings, Path(folder), EARLIER_VARIABLES) as earlier,
    ):
        earlier.build()
    known, moved = KnownPersons(warehouse), MovedEvents(warehouse)
    parted, restated = PartedPersons(warehouse), RestatedNumbers(warehouse)
    seconds = [warehouse.builder.build().seconds]
    known.look()
    moved.look()
    result.violations += parted.wrong(is_whole=True, is_planned=True) + restated.wrong()
    reasons = Reasons(warehouse)
    chance = random.Random(f"schedule of {seed}")
    maintain(chance, warehouse)
    for number, piece in enumerate(later, start=1):
        warehouse.raw.land(piece)
        # The first run and the last one are of everything.
        arguments = chosen(chance, warehouse) if number < len(later) else []
        with nullcontext() if arguments else foreseen(warehouse, result.violations):
            seconds.append(warehouse.builder.build(*arguments).seconds)
        known.look()
        result.violations += moved.wrong() + parted.wrong(is_whole=not arguments)
        result.violations += restated.wrong() + reasons.wrong()
        maintain(chance, warehouse)
    result.batch_seconds = seconds
    result.violations += known.wrong() + moved.wrong_now()
    result.violations += broken_rules(warehouse, truth)
    result.violations += [f"restatements: {line}" for line in wrong_restatements(warehouse)]
    result.full_seconds, differences = build_otherwise(
        warehouse, lambda: warehouse.raw.land(world.in_another_order().records), tests=tests
    )
    result.violations += differences
    return result


def broken_rules(warehouse: Warehouse, truth: Truth) -> list[str]:
    """What is not as brute force has it."""
    return [f"rules: {line}" for wrong in RULES for line in wrong(warehouse, truth)]


def build_otherwise(
    warehouse: Warehouse, land_in_another_order: Callable[[], None], *, tests: bool = False
) -> tuple[float, list[str]]:
    """Seconds of a full refresh; and what is other than it stands by that, and by another order of landing."""
    kept = f"{KEPT}{warehouse.settings.throughline_schema_suffix}"
    warehouse.keep(kept)
    seconds = warehouse.builder.build("--full-refresh", tests=tests).seconds
    differences = [f"full refresh: {line}" for line in warehouse.differences(kept)]
    warehouse.reset()
    land_in_another_order()
    warehouse.builder.build()
    differences += [
        f"other order: {line}" for line in warehouse.differences(kept, without=OF_LANDING, but=ABOUT_LANDING)
    ]
    warehouse.client.command(f"DROP DATABASE {kept} SYNC")
    return seconds, differences
