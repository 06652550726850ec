"""The identifiers that random people act under: several of one person, as after a merge; some that changed hands."""

import random
from collections import defaultdict
from itertools import pairwise
from typing import Any

Row = dict[str, Any]


def identify(rows: list[Row], seed: int) -> None:
    """Give each event of somebody an `identifier`.

    A person has one to three devices. One pair of neighbours in ten shares a device besides: the one's until an
    instant, the other's from it on.
    """
    dice = random.Random(seed)
    lives: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["person_id"]:
            lives[row["project_id"], row["person_id"]].append(row)
    for (_, person), life in lives.items():
        devices = [f"{person}-{device}" for device in ("phone", "laptop", "tablet")[: dice.choice((1, 1, 2, 3))]]
        for row in life:
            row["identifier"] = dice.choice(devices)
    for (earlier, first), (later, second) in pairwise(lives.items()):
        if earlier[0] != later[0] or dice.random() >= 0.1:
            continue
        handed_over = dice.choice([row["at_ms"] for row in (*first, *second)])
        for row in (*first, *second):
            is_theirs = row["at_ms"] < handed_over if row["person_id"] == earlier[1] else row["at_ms"] >= handed_over
            if is_theirs and row["identifier"].endswith("-phone"):
                row["identifier"] = f"shared by {earlier[1]} and {later[1]}"
