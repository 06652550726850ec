"""The models of identity and sessions against brute force over the same records."""

from collections.abc import Iterable

from loaders.settings import PROJECT_DIR
from local.oracle.comparison import different_cells
from local.oracle.owners import BEGINNING, END
from local.oracle.session_rows import read_session_rows, select_session_rows, session_rows
from local.oracle.sessions import key_of, person_event, sessionize
from local.oracle.warehouse import read_facts
from local.plan.plan import Plan
from local.plan.sync import PLAN
from tests.invariants.truth import Truth
from tests.invariants.warehouse import Row, Warehouse

FIRST_MS, LAST_MS = 0, 4_291_747_200_000
PERSON_IDS = """
    SELECT project_id, toString(identifier_kind), identifier, toUnixTimestamp64Milli(valid_from),
           toUnixTimestamp64Milli(valid_to), person_id
    FROM {marts}.person_ids
"""
EVENTS = """
    SELECT project_id, event_id, toUnixTimestamp64Milli(client_timestamp), person_id FROM {marts}.fct_events
"""
SESSIONS = """
    SELECT project_id, session_id, groupUniqArray((project_id, event_id, toUnixTimestamp64Milli(client_timestamp))),
           any(sessions.person_id)
    FROM {marts}.fct_events AS events INNER JOIN {marts}.fct_sessions AS sessions USING (project_id, session_id)
    GROUP BY project_id, session_id
"""


def wrong_sessions(warehouse: Warehouse, truth: Truth) -> list[str]:
    """A line for each session whose row is not what the facts in it, and the sessions before it, make of it."""
    conversions = Plan.read(PROJECT_DIR / PLAN).conversions
    facts, _ = read_facts(warehouse)
    rows = session_rows(truth.events, sessionize(truth.events), facts, conversions=list(conversions))
    expected = {facts[first].session_id: row for first, row in rows.items()}
    actual = read_session_rows(warehouse.rows(select_session_rows(conversions.values())))
    return [f"fct_sessions: {line}" for line in different_cells(expected, actual)]


def wrong_persons(warehouse: Warehouse, truth: Truth) -> list[str]:
    """A line for each model that does not say what the rules say."""
    names = truth.person_names()
    intervals = {
        (
            row.project_id, row.identifier_kind, row.identifier,
            FIRST_MS if row.valid_from_ms == BEGINNING else row.valid_from_ms,
            LAST_MS if row.valid_to_ms == END else row.valid_to_ms,
            row.person.name,
        )
        for row in truth.persons.intervals()
    }  # fmt: skip
    by_key = {key_of(event): event for event in truth.events}
    sessions = {
        (project_id, events, names[key_of(person_event(by_key[event] for event in events))])
        for (project_id, *_), events in truth.events_of_sessions().items()
    }
    named = ids_of_persons(warehouse, ((row[0], row[-1]) for row in intervals))
    canonical = {person_id: name for (_, name), person_id in named.items()}
    found: dict[str, tuple[set[Row], set[Row]]] = {
        "person_ids": ({(*row[:-1], canonical.get(row[-1], "?")) for row in warehouse.rows(PERSON_IDS)}, intervals),
        "fct_events": (
            {(*row[:-1], canonical.get(row[-1], "?") if row[-1] else "") for row in warehouse.rows(EVENTS)},
            {(*key, name) for key, name in names.items()},
        ),
        "fct_sessions": (
            {
                (row[0], frozenset(map(tuple, row[2])), canonical.get(row[3], "?") if row[3] else "")
                for row in warehouse.rows(SESSIONS)
            },
            sessions,
        ),
    }
    return [
        f"{model}: {len(built - expected)} rows that are not so {_some(built - expected)},"
        f" {len(expected - built)} that are missing {_some(expected - built)}"
        for model, (built, expected) in found.items()
        if built != expected
    ]


def ids_of_persons(warehouse: Warehouse, persons: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The id of a person of a project whose canonical member has this name: IDENTITY.md, rule 11."""
    rows = warehouse.client.query(
        "SELECT pair, lower(hex(sipHash128(pair.1, pair.2))) FROM"
        " (SELECT arrayJoin({pairs:Array(Tuple(String, String))}) AS pair)",
        parameters={"pairs": sorted(set(persons))},
        settings={"max_query_size": 10_000_000},
    ).result_rows
    return {tuple(pair): person_id for pair, person_id in rows}


def _some(rows: Iterable[object]) -> list[object]:
    return sorted(rows, key=str)[:2]
