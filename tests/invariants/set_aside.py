"""What guards and unmerges keep from counting, counted by brute force."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from local.oracle.comparison import different_cells
from local.oracle.joins import Join, draw_joins, without_cuts
from local.oracle.messages import Event, Message
from local.oracle.owners import BEGINNING, Device, Login, Node
from tests.invariants.truth import Truth
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.humans import GUARDS

SET_ASIDE = """
    SELECT project_id, reason, node, fact_count,
        toUnixTimestamp64Milli(first_occurred_at), toUnixTimestamp64Milli(last_occurred_at)
    FROM {marts}.identity_set_aside
"""
# Project, reason, node, and when it occurred.
Fact = tuple[str, str, str, int]


def wrong_set_aside(warehouse: Warehouse, truth: Truth) -> list[str]:
    """A line for each node of which other facts are told than those that do not count."""
    times = defaultdict[tuple[str, str, str], list[int]](list)
    for project, reason, node, at_ms in _facts(truth):
        times[project, reason, node].append(at_ms)
    expected = {key: (len(of_key), min(of_key), max(of_key)) for key, of_key in times.items()}
    actual = {row[:3]: row[3:] for row in warehouse.rows(SET_ASIDE)}
    return [f"identity_set_aside: {line}" for line in different_cells(expected, actual)]


def _facts(truth: Truth) -> Iterator[Fact]:
    for project, node, at_ms in truth.nobodies:
        yield project, "guarded", node, at_ms
    yield from _joins(truth)
    yield from _logins(truth)


def _joins(truth: Truth) -> Iterator[Fact]:
    """Both ends of each join that was cut, or is of too many. A message joins a pair once."""
    capped = {join.left for join in truth.persons.joins if join.reason == "cap"}
    joins: list[Join] = []
    for message in truth.messages:
        drawn = draw_joins([message], truth.persons.devices)
        joins += {frozenset((join.left, join.right)): join for join in drawn}.values()
    for join in without_cuts(joins, truth.messages):
        reason = join.reason or ("cap" if join.left in capped else "")
        for end in (join.left, join.right) if reason else ():
            yield end.project_id, reason, end.name, join.at_ms


def _logins(truth: Truth) -> Iterator[Fact]:
    """Those that an unmerge took back, and those of devices with too many users until their next reset."""
    taken_back: dict[tuple[Device, str], int] = {}
    resets = defaultdict[Device, set[int]](set)
    for message in truth.messages:
        device = (message.project_id, message.device_id)
        if message.type == "unmerge" and message.device_id and message.user_id:
            last = taken_back.get((device, message.user_id), BEGINNING)
            taken_back[device, message.user_id] = max(last, message.occurred_at_ms)
        if message.type == "reset" and message.device_id:
            resets[device].add(message.occurred_at_ms)
    epochs = defaultdict[tuple[Device, int], list[Login]](list)
    said = [message for message in truth.messages if message.type in ("identify", "alias")]
    facts: list[Event | Message] = [*truth.events, *said]
    for fact in facts:
        if not (fact.device_id and fact.user_id):
            continue
        device = (fact.project_id, fact.device_id)
        if fact.occurred_at_ms <= taken_back.get((device, fact.user_id), BEGINNING - 1):
            yield fact.project_id, "cancelled", f"d:{fact.device_id}", fact.occurred_at_ms
        else:
            begins = [BEGINNING, *sorted(resets[device])]
            epoch = begins[bisect_right(begins, fact.occurred_at_ms) - 1]
            epochs[device, epoch].append(Login(fact.occurred_at_ms, fact.user_id))
    for ((project, device_id), epoch), logins in epochs.items():
        if len({login.user_id for login in logins}) > GUARDS["max_users_per_device"]:
            for login in logins:
                yield project, "kiosk", Node(project, True, device_id, epoch).name, login.at_ms
