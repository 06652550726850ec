"""Who there is: beings, their devices and their accounts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from local.simulator.catalogue import BROWSER, BUYER, CRAWLER
from local.simulator.config import SimulatorConfig
from local.simulator.text import random_uuids, uuid_texts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST_DEVICES = 5


@dataclass(frozen=True, slots=True)
class World:
    """Arrays by being (humans first, then crawlers), by device and by account. -1 means none."""

    humans: int
    kind: Ints  # by being: BROWSER, BUYER or CRAWLER
    activity: Floats  # by being: relative number of visits, heavy-tailed
    first_device: Ints  # by being; its own devices follow one another
    device_count: Ints
    borrowed_device: Ints  # by being: the device of someone else
    account: Ints  # by being
    second_account: Ints
    kiosk_device: Ints  # by kiosk
    device_ids: list[str]
    user_ids: list[str]
    account_owner: Ints  # by account: the being

    @property
    def beings(self) -> int:
        return len(self.kind)


def make_world(config: SimulatorConfig, random: np.random.Generator) -> World:
    """Draw everyone. Humans come before crawlers, and kiosks are the last devices."""
    humans, bots = config.people, round(config.people * config.bot_share)
    beings = humans + bots
    is_human = np.arange(beings) < humans
    kind = np.where(is_human, np.where(random.random(beings) < 0.35, BUYER, BROWSER), CRAWLER)
    # A log-normal body with a tail that stays finite: the busiest visit some hundred times as often as the median.
    activity = np.minimum(random.lognormal(0.0, 1.3, beings), 150.0)
    activity[~is_human] = 8.0

    odds = 1 / (1 + config.extra_devices)
    device_count = np.where(is_human, np.minimum(random.geometric(odds, beings), MOST_DEVICES), 1)
    first_device = np.cumsum(device_count) - device_count
    lender = random.integers(0, humans, beings)
    borrows = is_human & (random.random(beings) < config.shared_device_share) & (lender != np.arange(beings))
    devices = int(device_count.sum())

    registered = is_human & (random.random(beings) < config.registered_share)
    second = registered & (random.random(beings) < config.second_account_share)
    account, accounts = _numbered(registered, 0)
    second_account, accounts = _numbered(second, accounts)
    return World(
        humans=humans,
        kind=kind.astype(np.int64),
        activity=activity,
        first_device=first_device,
        device_count=device_count,
        borrowed_device=np.where(borrows, first_device[lender], -1),
        account=account,
        second_account=second_account,
        kiosk_device=np.arange(devices, devices + config.kiosks),
        device_ids=uuid_texts(random_uuids(random, devices + config.kiosks).tobytes()),
        user_ids=_user_ids(random, accounts),
        account_owner=np.concatenate([np.flatnonzero(registered), np.flatnonzero(second)]),
    )


def _numbered(chosen: Bools, first: int) -> tuple[Ints, int]:
    numbers = np.full(len(chosen), -1, dtype=np.int64)
    count = int(chosen.sum())
    numbers[chosen] = np.arange(first, first + count)
    return numbers, first + count


def _user_ids(random: np.random.Generator, accounts: int) -> list[str]:
    # Unequal ids whose order says nothing of the order of registration.
    shuffled: npt.NDArray[Any] = random.permutation(accounts)
    return [f"user-{number:07d}" for number in shuffled.tolist()]
