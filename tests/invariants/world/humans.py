"""Who lives in a world: humans with devices, shared tablets, kiosks, and identifiers that are no one."""

import random
from dataclasses import dataclass

GUARDED_USERS = ("Guest ", "null", "undefined")
GUARDED_DEVICE = "00000000-0000-0000-0000-000000000000"
# Small enough to be met: docs of the variables are in dbt_project.yml.
GUARDS = {"max_users_per_device": 5, "max_identifiers": 12}
HUMANS = 300


@dataclass(frozen=True, slots=True)
class Human:
    """`user_id` is '' for those who never sign up. Identifiers of one project mean nothing in another."""

    project_id: str
    user_id: str
    devices: tuple[str, ...]


def settle(chance: random.Random) -> list[Human]:
    """The humans of two named projects and of the default one; names repeat between projects."""
    humans = []
    for number in range(HUMANS):
        project = chance.choices(["alpha", "beta", ""], [70, 25, 5])[0]
        name = number if chance.random() < 0.95 else number // 2
        devices = [f"d{name}{letter}" for letter in "abc"[: chance.choice([1, 1, 1, 2, 2, 3])]]
        if chance.random() < 0.1:
            devices.append(f"tablet{number % 9}")
        if chance.random() < 0.2:
            devices.append(f"kiosk{number % 2}")
        humans.append(Human(project, f"u{name}" if chance.random() < 0.6 else "", tuple(devices)))
    return humans


def someone_of(chance: random.Random, humans: list[Human], project_id: str) -> Human:
    return chance.choice([human for human in humans if human.project_id == project_id])


def users_of(humans: list[Human], project_id: str) -> list[str]:
    return sorted({human.user_id for human in humans if human.project_id == project_id and human.user_id})
