"""Is dim_persons right: who is a person, and what is known of it?"""

from collections import defaultdict
from typing import Any

import orjson

from local.oracle.comparison import Check, different_cells
from local.oracle.evidence import Evidence
from local.oracle.owners import Node
from local.oracle.profiles import profile_of
from local.simulator.truth import TruePeopleMessage

Members = frozenset[str]


def every_person_has_its_profile(evidence: Evidence) -> Check:
    """dim_persons has one row for each person that is a user, was joined, or did something; its profile is folded.

    A person is told by its identifiers, for its id is a hash.
    """
    expected = _expected(evidence)
    actual: dict[tuple[str, Members], Any] = {}
    for project, identifiers, properties, is_deleted in evidence.warehouse.rows(
        "select project_id, identifiers, toJSONString(properties), is_deleted from {marts}.dim_persons"
    ):
        actual[project, frozenset(identifiers)] = (orjson.loads(properties), bool(is_deleted))
    return Check("dim_persons: identifiers, profile", len(expected), "persons", different_cells(expected, actual))


def _expected(evidence: Evidence) -> dict[tuple[str, Members], Any]:
    persons = evidence.expected.persons
    active = {persons.person_of(event) for event in evidence.truth.events}
    identifiers: dict[Node, set[str]] = defaultdict(set)
    for row in persons.intervals():
        identifiers[row.person].add(f"{row.identifier_kind[0]}:{row.identifier}")
    messages: dict[Node, list[TruePeopleMessage]] = defaultdict(list)
    for message in evidence.truth.people:
        if message.user_id:
            person = persons.person(Node(message.project_id, False, message.user_id))
            messages[person].append(message)
            identifiers[person].add(f"u:{message.user_id}")
    expected = {}
    for person, members in identifiers.items():
        if not person.is_anonymous or person in persons.canonical or person in active:
            profile = profile_of(messages[person])
            expected[person.project_id, frozenset(members)] = (profile.properties, profile.is_deleted)
    return expected
