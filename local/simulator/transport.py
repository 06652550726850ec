"""How events reach the topics: clocks that run wrong, late and repeated deliveries, ids used twice."""

from dataclasses import dataclass, replace

import numpy as np

from local.simulator.config import DAY_MS, SimulatorConfig
from local.simulator.events import Events
from local.simulator.text import TIME_FORMS
from local.simulator.world import Bools, Ints, World

_TEN_YEARS_MS = 3_650 * DAY_MS


@dataclass(frozen=True, slots=True)
class Devices:
    """What a device's client library does. One row per device."""

    clock_error_ms: Ints
    time_form: Ints
    key_order: Ints
    keeps_sessions: Bools


@dataclass(frozen=True, slots=True)
class Stamps:
    """The clocks of each event, as its kept copy shows them."""

    client_ms: Ints
    sent_ms: Ints
    received_ms: Ints
    has_sent: Bools
    has_received: Bools
    is_late: Bools

    @property
    def occurred_ms(self) -> Ints:
        """The client's time, corrected where both ends of the transport are known."""
        shift = np.where(self.has_sent & self.has_received, self.received_ms - self.sent_ms, 0)
        return self.client_ms + shift


@dataclass(frozen=True, slots=True)
class Deliveries:
    """One row per record of a usable event; `event` is its row in Events. Not yet in the order of delivery."""

    event: Ints
    sent_ms: Ints
    received_ms: Ints
    key_order: Ints
    delivered_ms: Ints


def make_devices(config: SimulatorConfig, world: World, random: np.random.Generator) -> Devices:
    """Draw each device's clock and habits."""
    count = len(world.device_ids)
    minutes = np.exp(random.uniform(np.log(2), np.log(3 * 1440), count)) * random.choice([-1, 1], count)
    error = np.round(minutes * 60_000).astype(np.int64)
    # A factory clock, never set.
    error[random.random(count) < 0.05] = -_TEN_YEARS_MS
    error[random.random(count) >= config.wrong_clock_share] = 0
    return Devices(
        clock_error_ms=error,
        time_form=random.choice(len(TIME_FORMS), count, p=(0.6, 0.25, 0.1, 0.05)),
        key_order=(random.random(count) < 0.2).astype(np.int64),
        keeps_sessions=random.random(count) < 0.6,
    )


def late_ms(config: SimulatorConfig, count: int, random: np.random.Generator) -> Ints:
    """Delays of late deliveries: as many between 10 and 20 minutes as between 10 and 20 days."""
    low, high = np.log(config.late_minutes_min), np.log(config.late_days_max * 1440)
    return np.round(np.exp(random.uniform(low, high, count)) * 60_000).astype(np.int64)


def with_conflicts(config: SimulatorConfig, events: Events, random: np.random.Generator) -> tuple[Events, int]:
    """Add events that reuse an id at another time: a client's bug, but other events all the same."""
    rows = random.choice(len(events), round(len(events) * config.conflict_share), replace=False)
    again = events.take(rows)
    again = replace(again, true_ms=again.true_ms + random.integers(60_000, DAY_MS, len(rows)))
    both = {name: np.concatenate([getattr(events, name), getattr(again, name)]) for name in Events.__slots__}
    return Events(**both), len(rows)


def stamp(config: SimulatorConfig, events: Events, devices: Devices, random: np.random.Generator) -> Stamps:
    """Give each event its times: made, sent and received."""
    count = len(events)
    visit_is_late = random.random(int(events.visit.max(initial=0)) + 1) < config.late_share
    visit_delay = late_ms(config, len(visit_is_late), random)
    is_late = visit_is_late[events.visit]
    delay = np.where(is_late, visit_delay[events.visit], random.integers(0, 10_000, count))
    latency = np.round(random.lognormal(np.log(90.0), 0.7, count)).astype(np.int64) + 5
    error = devices.clock_error_ms[events.device]
    # Only a clock whose error can be seen may be wrong, else the truth would be unknowable.
    unstamped = (random.random(count) < config.unstamped_share) & (error == 0)
    lacks = random.integers(0, 4, count)  # of four: two lack sent_at, one received_at, one both
    return Stamps(
        client_ms=events.true_ms + error,
        sent_ms=events.true_ms + delay + error,
        received_ms=events.true_ms + delay + latency,
        has_sent=~(unstamped & (lacks != 2)),
        has_received=~(unstamped & (lacks >= 2)),
        is_late=is_late,
    )


def deliver(
    config: SimulatorConfig, events: Events, stamps: Stamps, devices: Devices, random: np.random.Generator
) -> tuple[Stamps, Deliveries]:
    """All deliveries, copies included, and the stamps of the copies to keep.

    Three kinds of copies: the same bytes again; a retry with later stamps, at times by another library; and a retry
    received in the same millisecond, of which the smaller bytes count.
    """
    count = len(events)
    key_order = devices.key_order[events.device]
    copied = random.choice(count, round(count * config.duplicate_share), replace=False)
    kind = random.random(len(copied))
    is_retry = kind < 0.5
    is_tie = (kind >= 0.85) & stamps.has_sent[copied] & stamps.has_received[copied]
    wait = np.round(np.exp(random.uniform(np.log(1_000), np.log(3 * DAY_MS), len(copied)))).astype(np.int64)
    later = np.where(is_retry, wait, 0)
    # The times of one device are texts of one length, so the earlier sent_at is the smaller payload.
    sent = stamps.sent_ms[copied] + later - np.where(is_tie, random.integers(1, 10, len(copied)), 0)
    received = stamps.received_ms[copied] + later + np.where(is_retry, random.integers(1, 500, len(copied)), 0)
    copy_order = np.where(is_retry & (random.random(len(copied)) < 0.5), 1 - key_order[copied], key_order[copied])

    event = np.concatenate([np.arange(count), copied])
    all_received = np.concatenate([stamps.received_ms, received])
    deliveries = Deliveries(
        event=event,
        sent_ms=np.concatenate([stamps.sent_ms, sent]),
        received_ms=all_received,
        key_order=np.concatenate([key_order, copy_order]),
        # Some seconds in a queue: the order of delivery is not quite that of receipt.
        delivered_ms=all_received + random.integers(0, 3_000, len(event)),
    )
    kept_sent = stamps.sent_ms.copy()
    kept_sent[copied[is_tie]] = sent[is_tie]
    return replace(stamps, sent_ms=kept_sent), deliveries
