"""Who is signed in on which device, visit by visit in the order of time: the one part with a memory."""

from dataclasses import dataclass

import numpy as np

from local.simulator.config import SimulatorConfig
from local.simulator.visits import Visits
from local.simulator.world import Bools, Ints, World


@dataclass(frozen=True, slots=True)
class SignIns:
    """One row per visit. -1 means none; `login_step` is the number of steps before the login."""

    account_before: Ints
    account_after: Ints
    login_step: Ints
    is_sign_up: Bools
    logs_out_before: Bools  # the one who was signed in is signed out as the visit begins
    logs_out_after: Bools


def make_sign_ins(
    config: SimulatorConfig, world: World, visits: Visits, steps: Ints, random: np.random.Generator
) -> SignIns:
    """Walk all visits. `steps` is the number of steps of each."""
    count = len(visits)
    wants_login = (random.random(count) < config.login_share) | visits.at_kiosk
    wants_logout = random.random(count) < np.where(visits.at_kiosk, 0.5, config.logout_share)
    tidy = random.random(count) < 0.5
    second = world.second_account[visits.being]
    account = np.where((second >= 0) & (random.random(count) < 0.3), second, world.account[visits.being])
    at_step = np.floor(random.random(count) * (steps + 1)).astype(np.int64)

    owner = world.account_owner.tolist()
    signed_in = [-1] * len(world.device_ids)
    known: set[int] = set()
    before, after, login_step = [-1] * count, [-1] * count, [-1] * count
    is_sign_up, out_before, out_after = np.zeros((3, count), dtype=bool)
    rows = zip(
        visits.being.tolist(),
        visits.device.tolist(),
        account.tolist(),
        wants_login.tolist(),
        wants_logout.tolist(),
        tidy.tolist(),
        at_step.tolist(),
        strict=True,
    )
    for visit, (being, device, own, login, logout, is_tidy, step) in enumerate(rows):
        present = signed_in[device]
        stranger = present >= 0 and owner[present] != being
        if stranger and is_tidy:
            out_before[visit] = True
            present = -1
            stranger = False
        before[visit] = present
        if own >= 0 and login and (present < 0 or stranger):
            login_step[visit] = step
            is_sign_up[visit] = own not in known
            known.add(own)
            present = own
        after[visit] = present
        if logout and present >= 0:
            out_after[visit] = True
            present = -1
        signed_in[device] = present
    return SignIns(np.array(before), np.array(after), np.array(login_step), is_sign_up, out_before, out_after)
