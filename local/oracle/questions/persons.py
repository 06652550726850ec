"""Is dim_persons right: who is a person, and what is known of it?"""

import orjson

from local.oracle.comparison import Check, different_cells
from local.oracle.evidence import Evidence
from local.oracle.profiles import Profile, profiles_of


def every_person_has_its_profile(evidence: Evidence) -> Check:
    """dim_persons has one row for each person that is a user, was joined, or did something; its profile is folded."""
    expected = profiles_of(evidence.expected.persons, evidence.truth.events, evidence.truth.people)
    actual = {
        (project, frozenset(identifiers)): Profile(orjson.loads(properties), bool(is_deleted))
        for project, identifiers, properties, is_deleted in evidence.warehouse.rows(
            "select project_id, identifiers, toJSONString(properties), is_deleted from {marts}.dim_persons"
        )
    }
    return Check("dim_persons: identifiers, profile", len(expected), "persons", different_cells(expected, actual))
