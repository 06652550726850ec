"""What `events_live` shows before a run is what `fct_events` has after it, of persons as the last run knew them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from local.oracle.comparison import different_cells
from tests.invariants.identity import ids_of_persons
from tests.invariants.relation import Relation
from tests.invariants.warehouse import Warehouse

# What a run finds out: sessions, and who merged.
OF_THE_RUN = ("session_id", "person_id")
WHOSE = """
    SELECT project_id, event_id, client_timestamp, occurred_at,
        multiIf(user_id != '', 'user', device_id != '', 'device', ''), if(user_id != '', user_id, device_id), person_id,
        (project_id, event_id, client_timestamp, loaded_at) IN (
            SELECT (project_id, event_id, client_timestamp, loaded_at) FROM {marts}.fct_events
        )
    FROM {marts}.events_live
"""
KNOWN = "SELECT project_id, identifier_kind, identifier, valid_from, valid_to, person_id FROM {marts}.person_ids"


@contextmanager
def foreseen(warehouse: Warehouse, violations: list[str]) -> Iterator[None]:
    """Around a run of all models: adds to `violations` if events are other after it than were shown before."""
    violations += _wrong_persons(warehouse)
    shown = _events(warehouse, "events_live")
    yield
    built = _events(warehouse, "fct_events")
    if shown != built:
        violations.append(
            f"events_live: {shown.total()} rows, by the run {built.total()};"
            f" only before: {list(shown - built)[:3]}; only after: {list(built - shown)[:3]}"
        )


def _events(warehouse: Warehouse, model: str) -> Counter[str]:
    """Rows as texts, how often each is there."""
    [facts] = (relation for relation in warehouse.relations() if relation.model == "fct_events")
    relation = Relation(model, f"{warehouse.settings.marts_database}.{model}", facts.columns)
    [rows] = warehouse.client.query(relation.rows(OF_THE_RUN)).result_columns or [[]]
    return Counter(rows)


def _wrong_persons(warehouse: Warehouse) -> list[str]:
    """A line for each event whose person is not who the last run knew.

    An identifier that it did not know is a person by itself, of what has landed since. Events that were stored by a run
    of some models have none where it left out those that say who is who.
    """
    known = defaultdict(list)
    for project, kind, identifier, *interval in warehouse.rows(KNOWN):
        known[project, kind, identifier].append(interval)
    shown, expected, unknown = {}, {}, {}
    for project, event_id, sent_at, at, kind, identifier, person, is_stored in warehouse.rows(WHOSE):
        event = (project, event_id, sent_at)
        shown[event], expected[event] = person, ""
        for start, end, person_then in known[project, kind, identifier]:
            if start <= at < end:
                expected[event] = person_then
        if kind and not expected[event] and not is_stored:
            unknown[event] = (project, f"u:{identifier}" if kind == "user" else f"d:{identifier}@")
    ids = ids_of_persons(warehouse, unknown.values())
    expected |= {event: ids[node] for event, node in unknown.items()}
    return [f"events_live: {line}" for line in different_cells(expected, shown)]
