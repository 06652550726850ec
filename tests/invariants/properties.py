"""The properties of events and persons against those of the payloads, read by Python."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from loaders.settings import PROJECT_DIR
from local.oracle.comparison import different_cells
from local.oracle.profiles import profiles_of
from local.oracle.sessions import key_of
from local.plan.plan import Plan
from local.plan.sync import PLAN
from tests.invariants.truth import Members, Truth, properties_of
from tests.invariants.warehouse import Warehouse

EVENTS = """
    SELECT project_id, event_id, toUnixTimestamp64Milli(client_timestamp), toJSONString(properties)
    FROM {marts}.fct_events
"""
DRIFT = "SELECT project_id, event, property, values_by_type FROM {marts}.property_drift WHERE value_count > 0"
PERSONS = "SELECT project_id, identifiers, toJSONString(properties), is_deleted FROM {marts}.dim_persons"


def wrong_properties(warehouse: Warehouse, truth: Truth) -> list[str]:
    """A line for each event, drift or profile that is not what was sent."""
    renamed = Plan.read(PROJECT_DIR / PLAN).renamed
    sent, drift = {}, defaultdict[tuple[str, str, str], Counter[str]](Counter)
    for event in truth.events:
        sent[key_of(event)] = paths_of(properties_of(event.payload))
        for path, value in sent[key_of(event)].items():
            drift[event.project_id, renamed.get(event.event, event.event), path][_type_of(value)] += 1
    profiles = profiles_of(truth.persons, truth.events, truth.people)
    found: dict[str, tuple[Mapping[Any, Any], Mapping[Any, Any]]] = {
        "fct_events": (sent, {tuple(key): _read(text) for *key, text in warehouse.rows(EVENTS)}),
        "property_drift": (drift, {tuple(key): counts for *key, counts in warehouse.rows(DRIFT)}),
        "dim_persons": (
            {person: (paths_of(of.properties.items()), of.is_deleted) for person, of in profiles.items()},
            {
                (project_id, frozenset(identifiers)): (_read(text), is_deleted)
                for project_id, identifiers, text, is_deleted in warehouse.rows(PERSONS)
            },
        ),
    }
    return [
        f"{model}: {line}" for model, (expected, actual) in found.items() for line in different_cells(expected, actual)
    ]


def paths_of(members: Iterable[tuple[str, Any]], above: str = "") -> dict[str, Any]:
    """Each value by its path, as a JSON column has them: nothing that is null or an empty object.

    Of equal keys the first value and the first object count, of equal paths the first.
    """
    found: dict[str, Any] = {}
    met = set()
    for name, value in members:
        kind = (name, isinstance(value, Members))
        if kind in met:
            continue
        met.add(kind)
        if value is None:
            continue
        inner = paths_of(value, f"{above}{name}.") if isinstance(value, Members) else {above + name: _comparable(value)}
        found = inner | found
    return found


def _comparable(value: Any) -> Any:
    """Booleans are no numbers, and what is larger than a double tells apart is a double."""
    if isinstance(value, Members):
        return paths_of(value)
    if isinstance(value, list):
        return [_comparable(member) for member in value]
    if isinstance(value, bool):
        return ("boolean", value)
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _type_of(value: Any) -> str:
    kinds = {tuple: "boolean", str: "text", list: "array", int: "number", float: "number"}
    return kinds[type(value)]


def _read(text: str) -> dict[str, Any]:
    return paths_of(json.loads(text, object_pairs_hook=Members))
