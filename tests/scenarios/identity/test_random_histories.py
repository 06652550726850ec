"""The models against brute force: random histories, whole and in batches, each a project of its own.

Of each batch of all of them one dbt run makes persons. `make histories` runs 500 of them, also in 10 batches.
"""

import csv
import os
from collections import defaultdict
from typing import Any

import pytest

from loaders.settings import PROJECT_DIR
from local.oracle.identity import Persons, resolve
from local.oracle.messages import Event, Message, without_copies, without_nobodies
from local.oracle.owners import BEGINNING, END
from local.oracle.sessions import key_of, person_event, sessionize
from tests.scenarios.conftest import GUARDS, Marts
from tests.scenarios.identity.histories import History, draw_histories
from tests.support.landing import land

HISTORIES = int(os.environ.get("HISTORIES", "40"))
BATCHES = (1, 3, 10) if HISTORIES >= 500 else (1, 3)
MODELS = "+fct_sessions +fct_events +dim_persons +identity_set_aside int_person_members"
FIRST_MS, LAST_MS = 0, 4_291_747_200_000


class Truth:
    """What brute force says of one history."""

    def __init__(self, history: History) -> None:
        with (PROJECT_DIR / "seeds/guarded_identifiers.csv").open() as file:
            guarded = {row["identifier"] for row in csv.DictReader(file)}
        self.events: list[Event] = without_nobodies(without_copies(history.events), guarded=guarded)
        self.messages: list[Message] = without_nobodies(without_copies(history.messages), guarded=guarded)
        self.persons: Persons = resolve(self.events, self.messages, **GUARDS)


@pytest.fixture(scope="module")
def built(marts: Marts) -> tuple[Marts, dict[str, Truth]]:
    truths: dict[str, Truth] = {}
    pieces: list[list[History]] = [[] for _ in range(max(BATCHES))]
    for place, history in enumerate(draw_histories(HISTORIES)):
        for count in BATCHES:
            parts = history.batches(count)
            # What comes in fewer batches than there are comes among the others' first ones, or their last.
            for at, part in enumerate(parts):
                pieces[at if place % 2 else at - count].append(part)
            truths[parts[0].project_id] = Truth(united(parts))
    for number, of_batch in enumerate(pieces):
        payloads: dict[str, list[Any]] = {}
        for part in of_batch:
            for stream, bodies in part.payloads().items():
                payloads.setdefault(stream, []).extend(bodies)
        land(marts.client, marts.settings.raw_database, payloads)
        marts.build(MODELS, tests=number == len(pieces) - 1)
    return marts, truths


def test_every_identifier_has_the_persons_and_intervals_of_the_rules(built: tuple[Marts, dict[str, Truth]]) -> None:
    marts, truths = built
    expected = {
        (
            interval.project_id,
            interval.identifier_kind,
            interval.identifier,
            FIRST_MS if interval.valid_from_ms == BEGINNING else interval.valid_from_ms,
            LAST_MS if interval.valid_to_ms == END else interval.valid_to_ms,
            interval.person.name,
        )
        for truth in truths.values()
        for interval in truth.persons.intervals()
    }
    rows = marts.rows("""
        SELECT project_id, toString(identifier_kind) AS kind, identifier,
               toUnixTimestamp64Milli(valid_from) AS valid_from, toUnixTimestamp64Milli(valid_to) AS valid_to,
               canonical_node
        FROM {marts}.person_ids AS ids
        INNER JOIN (SELECT DISTINCT project_id, person_id, canonical_node FROM {staging}.int_person_members) AS members
            USING (project_id, person_id)
    """)
    assert len(rows) == len(expected)
    assert {tuple(row.values()) for row in rows} == expected


def test_every_event_has_the_person_of_the_rules(built: tuple[Marts, dict[str, Truth]]) -> None:
    marts, truths = built
    expected = {}
    for project_id, truth in truths.items():
        for event in truth.events:
            person = truth.persons.person_of(event)
            expected[project_id, event.event_id] = person.name if person else ""
    rows = marts.rows("""
        SELECT project_id, event_id, canonical_node
        FROM {marts}.fct_events AS events
        LEFT JOIN (SELECT DISTINCT project_id, person_id, canonical_node FROM {staging}.int_person_members) AS members
            USING (project_id, person_id)
    """)
    assert len(rows) == len(expected)
    assert {(row["project_id"], row["event_id"]): row["canonical_node"] for row in rows} == expected


def test_every_session_has_the_events_and_the_person_of_the_rules(built: tuple[Marts, dict[str, Truth]]) -> None:
    marts, truths = built
    expected = set()
    for truth in truths.values():
        sessions = defaultdict(list)
        for key, visit in sessionize(truth.events).items():
            sessions[visit.session].append(key)
        events = {key_of(event): event for event in truth.events}
        for (project_id, *_), keys in sessions.items():
            person = truth.persons.person_of(person_event(events[key] for key in keys))
            expected.add((project_id, tuple(sorted(key[1] for key in keys)), person.name if person else ""))
    rows = marts.rows("""
        SELECT project_id, event_ids, canonical_node
        FROM {marts}.fct_sessions AS sessions
        INNER JOIN (
            SELECT project_id, session_id, arraySort(groupArray(event_id)) AS event_ids
            FROM {marts}.fct_events GROUP BY project_id, session_id
        ) AS events USING (project_id, session_id)
        LEFT JOIN (SELECT DISTINCT project_id, person_id, canonical_node FROM {staging}.int_person_members) AS members
            USING (project_id, person_id)
    """)
    assert {(row["project_id"], tuple(row["event_ids"]), row["canonical_node"]) for row in rows} == expected


def test_what_the_guards_set_aside_is_counted(built: tuple[Marts, dict[str, Truth]]) -> None:
    """Also shows that the histories reach every guard."""
    marts, truths = built
    expected: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for project_id, truth in truths.items():
        for join in truth.persons.set_aside():
            expected[join.reason] |= {(project_id, join.left.name), (project_id, join.right.name)}
    for reason in ("cap", "cut"):
        rows = marts.rows(f"SELECT project_id, node FROM {{marts}}.identity_set_aside WHERE reason = '{reason}'")
        assert {(row["project_id"], row["node"]) for row in rows} == expected[reason]
        assert expected[reason]
    kiosks = marts.rows("SELECT count() AS nodes FROM {marts}.identity_set_aside WHERE reason = 'kiosk'")
    assert kiosks[0]["nodes"] > 0


def test_building_again_gives_the_same_rows(built: tuple[Marts, dict[str, Truth]]) -> None:
    marts, _ = built
    before = fingerprints(marts)
    marts.build(MODELS)
    assert before
    assert fingerprints(marts) == before


def united(parts: list[History]) -> History:
    events = [event for part in parts for event in part.events]
    messages = [message for part in parts for message in part.messages]
    return History(parts[0].project_id, events, messages)


def fingerprints(marts: Marts) -> dict[str, tuple[int, int]]:
    """Rows and their hash, for every table that dbt builds; the books of the runs grow by design."""
    tables = marts.rows("""
        SELECT concat(database, '.', name) AS name FROM system.tables
        WHERE database IN ('{staging}', '{marts}') AND engine LIKE '%MergeTree' AND NOT match(name, '[.]run(s|_.*)$')
    """)
    found = {}
    for table in tables:
        [row] = marts.rows(
            f"SELECT count() AS rows, sum(cityHash64(toJSONString(tuple(*)))) AS hash FROM {table['name']}"
        )
        found[table["name"]] = (row["rows"], row["hash"])
    return found
