"""Each folder of `cases/` is a story of identity with its outcome, the same in any order of arrival.

`input.ndjson` has one message a line and its stream; `expected_*.csv` name persons by their canonical member. All run
side by side, each order a project of its own, in batches with a build after each.
"""

import csv
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.conftest import Marts
from tests.support.landing import STREAMS, land

CASES = Path(__file__).parent / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir())
BATCHES = 3
MODELS = "+dim_persons +fct_events +identity_set_aside int_person_members"

CANONICAL = """
    (SELECT DISTINCT project_id, person_id, canonical_node FROM {staging}.int_person_members) AS members
    USING (project_id, person_id)
"""
QUERIES = {
    "expected_events.csv": "SELECT project_id, event_id, canonical_node AS person FROM {marts}.fct_events LEFT JOIN"
    + CANONICAL,
    "expected_persons.csv": """
        SELECT project_id, canonical_node AS person, arrayStringConcat(identifiers, ' ') AS identifiers,
               toString(is_deleted) AS is_deleted, toString(properties) AS properties
        FROM {marts}.dim_persons INNER JOIN
    """
    + CANONICAL,
    "expected_person_ids.csv": """
        SELECT project_id, toString(identifier_kind) AS identifier_kind, identifier,
               toString(valid_from::DateTime('UTC')) AS valid_from, toString(valid_to::DateTime('UTC')) AS valid_to,
               canonical_node AS person
        FROM {marts}.person_ids INNER JOIN
    """
    + CANONICAL,
    "expected_set_aside.csv": """
        SELECT project_id, toString(reason) AS reason, node, toString(fact_count) AS fact_count
        FROM {marts}.identity_set_aside
    """,
}

Answers = dict[str, list[dict[str, Any]]]


def read_input(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / name / "input.ndjson").read_text().splitlines()]


def orders_of(name: str) -> Iterator[list[dict[str, Any]]]:
    """Three orders of arrival; of the white paper's aliases all there are, before, after and between the events."""
    lines = read_input(name)
    if name == "white_paper":
        events = [line for line in lines if line["stream"] == "events"]
        aliases = [line for line in lines if line["stream"] == "identities"]
        for order in itertools.permutations(aliases):
            yield [*order, *events]
            yield [*events, *order]
            yield between(events, order)
    else:
        yield from (lines, lines[::-1], random.Random(name).sample(lines, len(lines)))


def between(events: list[dict[str, Any]], aliases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The aliases in their order, one after each event until they are through."""
    pairs = itertools.zip_longest(events, aliases)
    return [line for pair in pairs for line in pair if line is not None]


@pytest.fixture(scope="module")
def answers(marts: Marts) -> Answers:
    """The rows of each expected file, over all cases and orders."""
    for batch in range(BATCHES):
        payloads: dict[str, list[dict[str, Any]]] = {stream: [] for stream in STREAMS}
        for name in NAMES:
            for number, lines in enumerate(orders_of(name)):
                for line in lines[batch * len(lines) // BATCHES : (batch + 1) * len(lines) // BATCHES]:
                    project = f"{name}~{number}~{line.get('project_id', 'default')}"
                    payload = {key: value for key, value in line.items() if key != "stream"}
                    payloads[line["stream"]].append(payload | {"project_id": project})
        land(marts.client, marts.settings.raw_database, payloads)
        marts.build(MODELS, tests=batch == BATCHES - 1)
    return {file: marts.rows(query) for file, query in QUERIES.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_case_ends_as_expected_in_every_order_of_arrival(name: str, answers: Answers) -> None:
    for number, _ in enumerate(orders_of(name)):
        for file in sorted((CASES / name).glob("expected_*.csv")):
            with file.open(newline="") as opened:
                expected = [tuple(row.values()) for row in csv.DictReader(opened)]
            rows = [row for row in answers[file.name] if row["project_id"].startswith(f"{name}~{number}~")]
            assert sorted(tuple(row.values())[1:] for row in rows) == sorted(expected), f"{file.name}, order {number}"


def test_the_white_papers_day_has_three_active_persons(marts: Marts, answers: Answers) -> None:
    assert answers
    days = marts.rows("""
        SELECT project_id, uniqExact(person_id) AS persons
        FROM {marts}.fct_events
        WHERE startsWith(project_id, 'white_paper~') AND toDate(occurred_at) = '2016-12-15'
        GROUP BY project_id
    """)
    assert len(days) == 3 * 24
    assert {day["persons"] for day in days} == {3}
