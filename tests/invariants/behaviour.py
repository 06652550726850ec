"""The marts of behaviour against brute force over the same records, on the calendar of the worlds."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from local.oracle.behaviour import Deed, Range, Step
from local.oracle.calendar import Calendar
from local.oracle.comparison import different_cells, rounded
from local.oracle.engagement import active_users, lifecycle, stickiness
from local.oracle.funnels import FunnelQuestion, funnel
from local.oracle.paths import PathsQuestion, paths
from local.oracle.questions.funnels import STEPS
from local.oracle.retention import RetentionQuestion, retention
from local.oracle.sessions import key_of
from local.oracle.trends import trends
from tests.invariants.truth import Truth
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.record import TIMEZONE

SPAN = Range(calendar=Calendar(TIMEZONE))
RETENTIONS = {"day": ("retention_daily", 31), "week": ("retention_weekly", 13), "month": ("retention_monthly", 13)}
BOTS = "SELECT project_id, event_id, toUnixTimestamp64Milli(client_timestamp) FROM {marts}.fct_events WHERE is_bot"
# Cells by their keys.
Cells = Mapping[tuple[Any, ...], Any]


def wrong_behaviour(warehouse: Warehouse, truth: Truth) -> list[str]:
    """A line for each cell of a mart that is not what brute force counts."""
    all_deeds = _deeds(truth)
    bots = {tuple(row) for row in warehouse.rows(BOTS)}
    # Those of humans, as stock marts have it.
    deeds = [deed for deed, event in zip(all_deeds, truth.events, strict=True) if key_of(event) not in bots]
    return [
        f"{mart}: {line}"
        for mart, columns, expected in _expected(deeds, all_deeds)
        for line in different_cells(expected, _shown(warehouse, mart, columns))
    ]


def _deeds(truth: Truth) -> list[Deed]:
    names = truth.person_names()
    return [
        Deed(
            event.project_id,
            # Of two events of one id and one time the names decide.
            f"{event.event_id}\0{event.event}",
            event.event,
            event.occurred_at_ms,
            names[key_of(event)],
            str(truth.sessions.get(key_of(event), "")),
        )
        for event in truth.events
    ]


def _expected(deeds: list[Deed], all_deeds: list[Deed]) -> Iterator[tuple[str, str, Cells]]:
    """A mart, its columns, and the cells that they should have: keys first, the values last."""
    days = active_users(deeds, span=SPAN, all_deeds=all_deeds)
    yield (
        "active_users_daily",
        "project_id, period_start, (dau, wau, mau)",
        {(project, start): tuple(counts.values()) for (project, _, start), counts in days.items()},
    )
    statuses = lifecycle(deeds, period="week", span=SPAN, all_deeds=all_deeds)
    yield (
        "lifecycle_weekly",
        "project_id, period_start, status, persons",
        {(project, *key): persons for (project, _, *key), persons in statuses.items()},
    )
    weeks = stickiness(deeds, period="week", span=SPAN, all_deeds=all_deeds)
    yield (
        "stickiness_weekly",
        "project_id, active_periods, persons",
        {(project, active): persons for (project, _, active), persons in weeks.items()},
    )
    for period, (mart, periods) in RETENTIONS.items():
        cells = retention(deeds, RetentionQuestion(period=period, periods=periods, span=SPAN), all_deeds=all_deeds)
        yield (
            mart,
            "project_id, cohort_start, period_number, (cohort_size, returned, is_complete)",
            {
                (project, start, offset): (cell.cohort_size, cell.returned, cell.is_complete)
                for (project, _, start, offset), cell in cells.items()
            },
        )
    steps = funnel(deeds, FunnelQuestion(tuple(Step((name,)) for name in STEPS), range=SPAN), all_deeds=all_deeds)
    yield (
        "funnel_purchase",
        "project_id, step_number, (entered, incomplete, round(median_seconds_from_previous, 4))",
        {
            (project, number): (cell.entered, cell.incomplete, rounded(cell.median_seconds_from_previous))
            for (project, _, number), cell in steps.items()
        },
    )
    by_event = [replace(deed, breakdown=deed.event) for deed in deeds]
    yield (
        "trends_daily",
        "project_id, event, measure_name, period_start, value",
        {
            (project, event, measure, start): value
            for measure in ("total", "persons", "sessions")
            for (project, event, start), value in trends(
                by_event, Step(), measure, span=SPAN, all_deeds=all_deeds
            ).items()
        },
    )
    edges = paths(deeds, PathsQuestion(top=200, span=SPAN))
    yield (
        "paths_session",
        "project_id, step_number, source, target, (transitions, persons, round(median_seconds, 4))",
        {
            (project, *key): (edge.transitions, edge.persons, rounded(edge.median_seconds))
            for (project, _, *key), edge in edges.items()
        },
    )


def _shown(warehouse: Warehouse, mart: str, columns: str) -> Cells:
    return {tuple(key): value for *key, value in warehouse.rows(f"SELECT {columns} FROM {{marts}}.{mart}")}
