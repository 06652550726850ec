"""Small random lives for the funnel macros: few event names, coarse times, so that ties, repeats and edges abound."""

import json
import random
from typing import Any

from local.oracle.behaviour import Deed
from local.oracle.calendar import to_datetime
from tests.macros.harness import create_events
from tests.macros.identifiers import identify
from tests.macros.size import SEED

Row = dict[str, Any]

# Before a clock change in Berlin (2026-03-29), in milliseconds; steps of an hour.
BEGIN_MS = 1_774_569_600_000
HOUR_MS = 3_600_000
# One per row of the table: text, number, boolean, missing, null, a list, an object.
HUES = ("red", "blue", "green", 7, 1.5, True, None, "", [1, "a"], {"deep": "red"})


def make_people(seed: int, people: int, *, hours: int = 60) -> list[Row]:
    """Events of people in two projects, under identifiers that are theirs or shared; nobody's and bots' among them."""
    dice = random.Random(seed + SEED)
    rows: list[Row] = []
    for number in range(people):
        project = dice.choice(("shop", "shop", "blog"))
        person = "" if number % 97 == 0 else f"p{number}"
        span = dice.choice((4, 12, hours))
        first = dice.randrange(hours - span + 1)
        for _ in range(dice.choice((1, 2, 3, 5, 8, 12))):
            at_ms = BEGIN_MS + HOUR_MS * (first + dice.randrange(span)) + dice.choice((0, 0, 0, 1))
            properties: Row = {"cart": dice.choice(("c1", "c1", "c2", None)), "size": dice.choice((1, 2, "2", "x"))}
            if dice.random() < 0.8:
                properties["hue"] = dice.choice(HUES)
            rows.append(
                {
                    "project_id": project,
                    "event_id": f"{dice.randrange(10**6):06}",
                    "event": dice.choices("abcdx", (5, 4, 3, 2, 1))[0],
                    "occurred_at": to_datetime(at_ms).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
                    "at_ms": at_ms,
                    "person_id": person,
                    "session_id": f"{person}-{dice.choice(('s1', 's2', ''))}".removesuffix("-") if person else "",
                    "is_bot": number % 53 == 0,
                    "properties": properties,
                }
            )
    identify(rows, seed + SEED)
    return rows


def land(rows: list[Row]) -> None:
    create_events([{key: value for key, value in row.items() if key != "at_ms"} for row in rows])


def hue_of(row: Row) -> str:
    """`properties.hue` as text."""
    hue = row["properties"].get("hue")
    if hue is None or isinstance(hue, str):
        return hue or ""
    return json.dumps(hue, separators=(",", ":"))


def deeds_of(rows: list[Row]) -> list[Deed]:
    """The same events as the oracle reads them: broken down by hue, held by cart, `number` for the size."""
    return [
        Deed(
            project_id=row["project_id"],
            event_id=row["event_id"],
            event=row["event"],
            at_ms=row["at_ms"],
            actor=row["person_id"],
            session_id=row["session_id"],
            breakdown=hue_of(row),
            number=1.0 if row["properties"]["size"] == 1 else None if row["properties"]["size"] == "x" else 2.0,
            held=(row["properties"]["cart"] or "",),
        )
        for row in rows
    ]
