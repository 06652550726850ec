"""What a visitor does in a visit: steps of a Markov chain, all visits at once."""

import numpy as np

from local.simulator.catalogue import STEPS, first_step_odds, next_step_odds
from local.simulator.world import Ints

_LEAVES = len(STEPS)
_LONGEST = 120


def make_journeys(kind: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
    """(visit, step code) of every step, ordered by visit, then by time. `kind` is the visitor's, by visit."""
    odds = next_step_odds()
    step = np.searchsorted(first_step_odds(), random.random(len(kind)), side="right")
    visit = np.arange(len(kind))
    visits, steps = [], []
    for _ in range(_LONGEST):
        visits.append(visit)
        steps.append(step)
        draw = random.random(len(visit))
        step = (draw[:, None] >= odds[kind[visit], step]).sum(axis=1)
        stays = step < _LEAVES
        visit, step = visit[stays], step[stays]
        if not len(visit):
            break
    visit = np.concatenate(visits)
    order = np.argsort(visit, kind="stable")
    return visit[order], np.concatenate(steps)[order]
