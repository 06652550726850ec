"""What is said of who is who, and of persons: joins, cuts, late resets, components past the cap, profiles."""

import random
from collections.abc import Mapping
from typing import Any

from tests.invariants.world.humans import GUARDED_USERS, GUARDS, Human, someone_of, users_of
from tests.invariants.world.outbox import Body, Outbox
from tests.invariants.world.record import DAY_MS
from tests.invariants.world.visits import some_time

JOINS, CUTS, LATE_RESETS, PEOPLE = 70, 20, 20, 450
CHAIN = 15


def claim_all(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    _join_and_cut(chance, outbox, humans)
    _forget_logins(chance, outbox, humans)
    _chain(chance, outbox, humans)
    _crowd(chance, outbox, humans)
    for _ in range(LATE_RESETS):
        human = chance.choice(humans)
        device = {"device_id": chance.choice(human.devices)}
        _claim(outbox, human, "reset", some_time(chance), device, delay_ms=chance.randrange(30 * DAY_MS))


def _claim(
    outbox: Outbox, human: Human, kind: str, at_ms: int, ids: Mapping[str, str], *, delay_ms: int | None = None
) -> None:
    project = {"project_id": human.project_id} if human.project_id else {}
    outbox.post("identities", {**project, "type": kind, **ids}, at_ms, delay_ms=delay_ms)


def _join_and_cut(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    """Joins of every form; some of the joins of two users are cut later, before, or at once."""
    joined: list[tuple[Human, str, str, int]] = []
    for _ in range(JOINS):
        human, at_ms = chance.choice(humans), some_time(chance)
        other = someone_of(chance, humans, human.project_id)
        users = users_of(humans, human.project_id)
        user, previous = chance.choice(users), chance.choice([*users, GUARDED_USERS[0]])
        device, previous_device = chance.choice(human.devices), chance.choice(other.devices)
        kind, ids = chance.choice([
            ("merge", {"user_id": user, "previous_id": previous}),
            ("merge", {"user_id": user, "previous_id": previous}),
            ("merge", {"device_id": device, "previous_device_id": previous_device}),
            ("merge", {"user_id": user, "device_id": device}),
            ("merge", {"user_id": user, "device_id": device, "previous_device_id": previous_device}),
            ("alias", {"user_id": user, "previous_id": previous}),
            ("alias", {"user_id": user, "device_id": device}),
        ])  # fmt: skip
        _claim(outbox, human, kind, at_ms, ids)
        if "previous_id" in ids:
            joined.append((human, user, previous, at_ms))
    for _ in range(CUTS):
        human, user, previous, at_ms = chance.choice(joined)
        at_ms += chance.choice([-DAY_MS, 0, DAY_MS, 9 * DAY_MS])
        delay_ms = chance.choice([None, None, 5 * DAY_MS])
        one, two = chance.sample([user, previous], 2)
        _claim(outbox, human, "unmerge", at_ms, {"user_id": one, "previous_id": two}, delay_ms=delay_ms)


def _forget_logins(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    """Devices are taken from users who logged in on them."""
    known = [human for human in humans if human.user_id]
    for _ in range(CUTS):
        human = chance.choice(known)
        ids = {"device_id": chance.choice(human.devices), "user_id": human.user_id}
        _claim(outbox, human, "unmerge", some_time(chance), ids)


def _chain(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    """Two chains past the cap, their links in any order; one of them is cut again in the middle."""
    human = next(human for human in humans if human.project_id == "alpha")
    links = [(name, link) for name in ("cut", "whole") for link in range(CHAIN)]
    for name, link in chance.sample(links, len(links)):
        at_ms = some_time(chance)
        ids = {"user_id": f"{name}{link}", "previous_id": f"{name}{link + 1}"}
        _claim(outbox, human, "merge", at_ms, ids)
        if (name, link) == ("cut", CHAIN // 2):
            _claim(outbox, human, "unmerge", at_ms + DAY_MS, ids, delay_ms=8 * DAY_MS)


def _crowd(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    """One device that more users log in on than a device can have."""
    human = next(human for human in humans if human.project_id == "alpha")
    for user in users_of(humans, "alpha")[: GUARDS["max_users_per_device"] + 3]:
        _claim(outbox, human, "identify", some_time(chance), {"device_id": "kiosk9", "user_id": user})


def describe_all(chance: random.Random, outbox: Outbox, humans: list[Human]) -> None:
    """People messages of every type; a few persons are deleted, and some of those go on."""
    known = [human for human in humans if human.user_id]
    for _ in range(PEOPLE):
        human = chance.choice(known)
        kind = chance.choices(["set", "set_once", "increment", "unset", "delete"], [45, 20, 25, 6, 4])[0]
        body: Body = {"user_id": human.user_id, "type": kind, "properties": _properties(chance, kind)}
        if human.project_id:
            body["project_id"] = human.project_id
        if kind == "delete":
            del body["properties"]
        outbox.post("people", body, some_time(chance))


def _properties(chance: random.Random, kind: str) -> Any:
    name = chance.choice(["plan", "country", "visits", "Größe"])
    if kind == "unset":
        return chance.choice([[name], {name: None}])
    if kind == "increment":
        return {name: chance.choice([1, 2, 0.5, "x"]) if name == "visits" else 1}
    return {name: chance.choice(["free", "pro", "de", 3, None, {"deep": [1]}, {"deep": [1, "x"]}])}
