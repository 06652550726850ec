"""Combinations of a funnel's arguments that nobody thought of: hypothesis draws them, the oracle walks them."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.oracle.behaviour import Deed
from local.oracle.calendar import to_datetime
from local.oracle.funnels import FunnelQuestion, funnel, funnel_paths
from tests.macros.funnel_worlds import deeds_of, land, make_people
from tests.macros.harness import Macros, query
from tests.macros.size import people
from tests.macros.test_funnel import EXCLUDE_TWO, EXCLUDE_X, HUE, MEASURES, STEPS, WINDOWS, asked

MACROS = Macros()
EXAMPLES = int(os.environ.get("EXACTNESS_EXAMPLES", "100" if "EXACTNESS_PEOPLE" in os.environ else "7"))
Asked = tuple[dict[str, Any], FunnelQuestion]


@st.composite
def funnels(draw: st.DrawFn) -> Asked:
    """A question that the macro takes: what an order rules out is not drawn."""
    steps = draw(st.sampled_from([name for name in STEPS if name != "one step"]))
    order = draw(st.sampled_from(["ordered", "ordered", "strict", "any"]))
    arguments: dict[str, Any] = {"order": order, "count": draw(st.sampled_from(["persons", "sessions", "totals"]))}
    arguments["ties"] = draw(st.sampled_from(["any", "strict"]))
    exclude: Any = ((), ())
    if order != "any":
        arguments["entry"] = draw(st.sampled_from(["best", "first"]))
        exclude = draw(st.sampled_from([((), ()), EXCLUDE_X, EXCLUDE_TWO]))
        arguments["exclusion"] = draw(st.sampled_from(["void", "stop"]))
        inner = range(2, len(STEPS[steps][0]))
        arguments["optional"] = sorted(draw(st.sets(st.sampled_from(inner), max_size=len(inner))))
    if draw(st.booleans()):
        arguments["hold_constant"] = ["properties.cart"]
    if draw(st.booleans()):
        touches = ["first_touch", "last_touch", "all"]
        numbers = [] if order == "any" else [f"step_{n}" for n in range(1, len(STEPS[steps][0]) + 1)]
        arguments["breakdown"] = HUE
        arguments["attribution"] = draw(st.sampled_from(touches + numbers))
        arguments["breakdown_limit"] = draw(st.sampled_from([None, 1, 3]))
    window = draw(st.sampled_from(list(WINDOWS)))
    return asked(steps, window=window, exclude=exclude, bounded=draw(st.booleans()), **arguments)


@pytest.fixture(scope="module", name="world")
def landed_world() -> tuple[list[Deed], list[Deed]]:
    rows = make_people(21, people(150))
    land(rows)
    return deeds_of(rows), deeds_of([row for row in rows if not row["is_bot"]])


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=funnels())
def test_any_funnel_equals_walking_every_attempt(world: tuple[list[Deed], list[Deed]], asked: Asked) -> None:
    all_deeds, deeds = world
    given, question = asked
    found = sorted(
        (row["project_id"], row["actor"], row.get("session_id", ""), row["breakdown"], row["level"],
         tuple(row["step_at"]), tuple(row["event_ids"]))
        for row in query(MACROS.call("funnel_persons", **given, where="not is_bot"))
    )  # fmt: skip
    paths = funnel_paths(deeds, question)
    assert found == sorted(
        (path.project_id, path.actor, path.session_id, path.breakdown, path.level,
         tuple(_text(at_ms) for at_ms in path.step_at), path.event_ids)
        for path in paths
    )  # fmt: skip
    rows = {
        (row["project_id"], row["breakdown"], row["step_number"]): tuple(
            None if row[name] is None else pytest.approx(row[name]) for name in MEASURES
        )
        for row in query(MACROS.call("funnel", **given, where="not is_bot"))
    }
    cells = funnel(deeds, question, all_deeds=all_deeds)
    assert {key: tuple(getattr(cell, name) for name in MEASURES) for key, cell in cells.items()} == rows


def _text(at_ms: int | None) -> str | None:
    return None if at_ms is None else to_datetime(at_ms).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
