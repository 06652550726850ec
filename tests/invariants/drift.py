"""What is sent beside what is planned, counted by Python."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from loaders.settings import PROJECT_DIR
from local.oracle.messages import Event
from local.oracle.sessions import EventKey, key_of
from local.plan.plan import ANY_EVENT, Plan, PlannedColumn
from local.plan.sync import PLAN
from tests.invariants.truth import Truth
from tests.invariants.warehouse import Warehouse

DRIFT = """
    SELECT project_id, event, property, values_by_type, value_count, event_count, round(null_share, 6),
        toUnixTimestamp64Milli(first_seen_at), toUnixTimestamp64Milli(last_seen_at),
        is_planned, planned_column, conflict_count
    FROM {marts}.property_drift
"""
UNPLANNED = """
    SELECT project_id, event, event_count, toUnixTimestamp64Milli(first_seen_at), toUnixTimestamp64Milli(last_seen_at),
        properties
    FROM {marts}.unplanned_events
"""
# Project and name.
Named = tuple[str, str]
Cells = Mapping[tuple[Any, ...], Any]
KINDS = {tuple: "boolean", str: "text", list: "array", int: "number", float: "number"}


def drift_of(
    warehouse: Warehouse, truth: Truth, sent: Mapping[EventKey, Mapping[str, Any]]
) -> dict[str, tuple[Cells, Cells]]:
    """By model the cells that it should have, and those it has. `sent`: of each event the values by their paths."""
    plan = Plan.read(PROJECT_DIR / PLAN)
    kinds = {key: _kinds_of(plan, values) for key, values in sent.items()}
    events = defaultdict[Named, list[Event]](list)
    for event in truth.events:
        events[event.project_id, plan.renamed.get(event.event, event.event)].append(event)
    drift = {
        (*name, path): cell for name, of_name in events.items() for path, cell in _drift(plan, name[1], of_name, kinds)
    }
    with (PROJECT_DIR / PLAN).open() as file:
        planned = {row["event"] for row in csv.DictReader(file)}
    unplanned = {
        name: (len(of_name), *_span(of_name), sorted({path for event in of_name for path in kinds[key_of(event)]}))
        for name, of_name in events.items()
        if name[1] not in planned
    }
    return {
        "property_drift": (drift, {tuple(row[:3]): tuple(row[3:]) for row in warehouse.rows(DRIFT)}),
        "unplanned_events": (unplanned, {tuple(row[:2]): tuple(row[2:]) for row in warehouse.rows(UNPLANNED)}),
    }


def _drift(
    plan: Plan, name: str, events: list[Event], sent: Mapping[EventKey, Mapping[str, str]]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The cell of each property that events of one name have, or should have."""
    columns = {column.path: column for column in plan.columns}
    paths = {path for event in events for path in sent[key_of(event)]}
    for path in paths | {column.path for column in plan.columns if name in column.events}:
        having = [event for event in events if path in sent[key_of(event)]]
        kinds = Counter(sent[key_of(event)][path] for event in having)
        column = columns.get(path)
        is_planned = column is not None and bool({name, ANY_EVENT} & set(column.events))
        conflicts = len(having) - sum(kinds[kind] for kind in _fitting(column)) if column else 0
        share = round(1 - len(having) / len(events), 6)
        yield path, (
            kinds, len(having), len(events), share, *_span(having),
            is_planned, column.column if column else "", conflicts,
        )  # fmt: skip


def _span(events: list[Event]) -> tuple[int | None, int | None]:
    times = [event.occurred_at_ms for event in events]
    return min(times, default=None), max(times, default=None)


def _kinds_of(plan: Plan, values: Mapping[str, Any]) -> dict[str, str]:
    """The kind of each value by its path; planned paths that others lie in are objects."""
    kinds = {path: KINDS[type(value)] for path, value in values.items()}
    objects = {one.path for one in plan.columns if any(path.startswith(f"{one.path}.") for path in values)}
    return dict.fromkeys(objects, "object") | kinds


def _fitting(column: PlannedColumn) -> set[str]:
    if "Bool" in column.type:
        return {"boolean"}
    if column.type.startswith("Array"):
        return {"array"}
    if "DateTime64" in column.type:
        return {"number", "text"}
    return {"number"} if any(word in column.type for word in ("Int", "Float", "Decimal")) else {"text"}
