"""Random people for the behaviour macros: one table of many, and the same as the oracles see them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.oracle.behaviour import Deed
from local.oracle.calendar import to_ms
from tests.macros.harness import create_events
from tests.macros.identifiers import identify
from tests.macros.size import SEED
from tests.macros.size import people as asked_people

EVENTS = ("visit", "signup", "order", "refund")
PLANS = ("free", "pro", "", None, 7, True)
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class World:
    """What happened. `rows` are those of the events table; `deeds` are all of them as the oracles read them."""

    rows: list[dict[str, Any]]

    def land(self) -> None:
        create_events(self.rows)

    def deeds(
        self,
        *,
        where: Callable[[dict[str, Any]], bool] = lambda _: True,
        breakdown: Callable[[dict[str, Any]], str] = lambda _: "",
        actor: str = "person_id",
    ) -> list[Deed]:
        return [
            Deed(
                project_id=row["project_id"],
                event_id=row["event_id"],
                event=row["event"],
                at_ms=row["at_ms"],
                actor=row[actor],
                session_id=row["session_id"],
                breakdown=breakdown(row),
                number=row["properties"].get("value")
                if isinstance(row["properties"].get("value"), int | float)
                else None,
            )
            for row in self.rows
            if where(row)
        ]


def make_world(seed: int, *, first_day: str, days: int = 40, people: int = 120, edges: tuple[str, ...] = ()) -> World:
    """Some people's events in two projects over some days, under identifiers that are theirs or shared.

    Times are coarse, so that ties are common, and many lie within hours of the `edges`: UTC instants at which a clock
    changes or a period turns. Some people are busy, most are not; some events are nobody's or a bot's.
    """
    dice = random.Random(seed + SEED)
    begin = to_ms(datetime.fromisoformat(first_day).replace(tzinfo=UTC))
    rows: list[dict[str, Any]] = []
    for number in range(asked_people(people)):
        project = dice.choice(("shop", "shop", "blog"))
        person = "" if number % 40 == 0 else f"p{number}"
        for _ in range(1 + int(dice.paretovariate(0.9)) % 40):
            at_ms = begin + dice.randrange(days * 24 * 4) * HOUR_MS // 4
            if edges and dice.random() < 0.4:
                edge = to_ms(datetime.fromisoformat(dice.choice(edges)).replace(tzinfo=UTC))
                at_ms = edge + dice.choice((-HOUR_MS, -1, 0, 1, HOUR_MS // 2, HOUR_MS, 25 * HOUR_MS))
            rows.append(_row(dice, len(rows), project, person, at_ms))
    identify(rows, seed + SEED)
    return World(rows)


def plan_of(row: dict[str, Any]) -> str:
    """`properties.plan` as text, by the rules for properties in expressions."""
    plan = row["properties"].get("plan")
    if plan is None:
        return ""
    return str(plan).lower() if isinstance(plan, bool) else str(plan)


def is_human(row: dict[str, Any]) -> bool:
    return not row["is_bot"]


def _row(dice: random.Random, number: int, project: str, person: str, at_ms: int) -> dict[str, Any]:
    occurred_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    plan = dice.choice(PLANS)
    properties: dict[str, Any] = {} if plan is None else {"plan": plan}
    if dice.random() < 0.6:
        properties["value"] = dice.choice((1, 2.5, 10, -3, 0))
    return {
        "project_id": project,
        "event_id": f"{dice.randrange(16**6):06x}-{number}",
        "event": dice.choice(EVENTS),
        "at_ms": at_ms,
        "occurred_at": occurred_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "person_id": person,
        "user_id": dice.choice(("", "account-1", "account-2", "account-3")),
        "session_id": dice.choice(("", f"{person}-{dice.randrange(4)}")),
        "is_bot": dice.random() < 0.1,
        "properties": properties,
    }
