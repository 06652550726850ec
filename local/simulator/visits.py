"""When who comes by, on which device."""

from dataclasses import dataclass

import numpy as np

from local.simulator.catalogue import BROWSER, BUYER, CRAWLER, HOURS, WEEKDAYS, mean_steps
from local.simulator.config import DAY_MS, SimulatorConfig
from local.simulator.world import Bools, Floats, Ints, World

_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0


@dataclass(frozen=True, slots=True)
class Visits:
    """One row per visit, in the order of `start_ms`."""

    being: Ints
    start_ms: Ints
    device: Ints
    at_kiosk: Bools

    def __len__(self) -> int:
        return len(self.being)


def make_visits(config: SimulatorConfig, world: World, random: np.random.Generator) -> Visits:
    """Draw first visits over the whole range, then later ones that grow rarer with the time since the first."""
    weekday_odds = _weekday_odds(config)
    first_day = random.choice(config.days, world.beings, p=weekday_odds / weekday_odds.sum())
    # Some come back for weeks, most do not.
    stay_days = np.minimum(random.lognormal(np.log(9.0), 1.0, world.beings), 400.0)
    later = random.poisson(_visits_more(config, world, config.days - first_day, stay_days) * world.activity)

    being = np.repeat(np.arange(world.beings), later)
    day = first_day[being] + np.floor(random.exponential(stay_days[being])).astype(np.int64) + 1
    inside = day < config.days
    being, day = being[inside], day[inside]
    keeps = random.random(len(day)) < weekday_odds[day] / weekday_odds.max()
    being = np.concatenate([np.arange(world.beings), being[keeps]])
    day = np.concatenate([first_day, day[keeps]])
    device = _devices(world, being, random)

    guests, kiosk = _kiosk_guests(config, world, random)
    being = np.concatenate([being, guests])
    device = np.concatenate([device, kiosk])
    day = np.concatenate([day, random.integers(0, config.days, len(guests))])
    start_ms = config.start_ms + day * DAY_MS + _times_of_day(len(day), random)
    at_kiosk = np.arange(len(day)) >= len(day) - len(guests)

    order = np.argsort(start_ms, kind="stable")
    return Visits(being[order], start_ms[order], device[order], at_kiosk[order])


def _weekday_odds(config: SimulatorConfig) -> Floats:
    days = np.arange(config.days) + config.start_ms // DAY_MS
    return np.array(WEEKDAYS)[(days + _EPOCH_WEEKDAY) % 7]


def _visits_more(config: SimulatorConfig, world: World, days_left: Ints, stay_days: Floats) -> float:
    """Visits per unit of activity, past everyone's first, that bring about `target_events` in all."""
    steps = np.array([mean_steps(kind) for kind in (BROWSER, BUYER, CRAWLER)])[world.kind]
    kept = (1 - np.exp(-(days_left - 1) / stay_days)) * np.mean(WEEKDAYS) / max(WEEKDAYS)
    missing = config.target_events - float(steps.sum())
    per_unit = float((world.activity * kept * steps).sum())
    return max(0.0, missing / per_unit) if per_unit else 0.0


def _devices(world: World, being: Ints, random: np.random.Generator) -> Ints:
    """Mostly the first device of one's own, at times another, at times a borrowed one."""
    count = world.device_count[being]
    other = np.floor(random.random(len(being)) * count).astype(np.int64)
    own = world.first_device[being] + np.where(random.random(len(being)) < 0.6, 0, other)
    borrowed = world.borrowed_device[being]
    return np.where((borrowed >= 0) & (random.random(len(being)) < 0.4), borrowed, own)


def _kiosk_guests(config: SimulatorConfig, world: World, random: np.random.Generator) -> tuple[Ints, Ints]:
    members = np.flatnonzero(world.account >= 0)
    size = min(config.kiosk_people, len(members))
    guests = [random.choice(members, size, replace=False) for _ in range(config.kiosks)]
    if not guests:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate(guests), np.repeat(world.kiosk_device, size)


def _times_of_day(count: int, random: np.random.Generator) -> Ints:
    odds = np.array(HOURS) / sum(HOURS)
    return random.choice(24, count, p=odds) * 3_600_000 + random.integers(0, 3_600_000, count)
