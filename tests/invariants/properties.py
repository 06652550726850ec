"""The properties of events and persons, now and at each time before, against those of the payloads, read by Python."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from local.oracle.comparison import different_cells
from local.oracle.owners import END
from local.oracle.profiles import profile_versions_of, profiles_of
from local.oracle.sessions import key_of
from tests.invariants.drift import drift_of
from tests.invariants.identity import LAST_MS
from tests.invariants.truth import Members, Truth, properties_of
from tests.invariants.warehouse import Warehouse

EVENTS = """
    SELECT project_id, event_id, toUnixTimestamp64Milli(client_timestamp), toJSONString(properties)
    FROM {marts}.fct_events
"""
PERSONS = "SELECT project_id, identifiers, toJSONString(properties), is_deleted, person_id FROM {marts}.dim_persons"
VERSIONS = """
    SELECT project_id, person_id, toUnixTimestamp64Milli(valid_from), toUnixTimestamp64Milli(valid_to),
        toJSONString(properties), is_deleted
    FROM {marts}.dim_persons_history
"""


def wrong_properties(warehouse: Warehouse, truth: Truth) -> list[str]:
    """A line for each event, drift or profile that is not what was sent."""
    sent = {key_of(event): paths_of(properties_of(event.payload)) for event in truth.events}
    profiles = profiles_of(truth.persons, truth.events, truth.people)
    persons = warehouse.rows(PERSONS)
    identifiers = {(row[0], row[-1]): frozenset(row[1]) for row in persons}
    versions = profile_versions_of(truth.persons, truth.people)
    found: dict[str, tuple[Mapping[Any, Any], Mapping[Any, Any]]] = {
        "fct_events": (sent, {tuple(key): _read(text) for *key, text in warehouse.rows(EVENTS)}),
        "dim_persons": (
            {person: (paths_of(of.properties.items()), of.is_deleted) for person, of in profiles.items()},
            {
                (project_id, frozenset(identifiers)): (_read(text), is_deleted)
                for project_id, identifiers, text, is_deleted, _ in persons
            },
        ),
        "dim_persons_history": (
            {
                (person, start): (LAST_MS if end == END else end, paths_of(of.properties.items()), of.is_deleted)
                for person, of_person in versions.items()
                for start, end, of in of_person
            },
            {
                ((project_id, identifiers[project_id, person_id]), start): (end, _read(text), is_deleted)
                for project_id, person_id, start, end, text, is_deleted in warehouse.rows(VERSIONS)
            },
        ),
        **drift_of(warehouse, truth, sent),
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


def _read(text: str) -> dict[str, Any]:
    return paths_of(json.loads(text, object_pairs_hook=Members))
