"""Are the events, their persons and their sessions right?"""

from local.oracle.comparison import Check, different_cells, different_groups
from local.oracle.evidence import Evidence
from local.oracle.session_rows import read_session_rows, select_session_rows, session_rows
from local.oracle.sessions import key_of


def every_event_is_there_once(evidence: Evidence) -> Check:
    """Each distinct event has one row, with its corrected time, its real ids and its bot mark."""
    expected = {
        key_of(event): (event.occurred_at_ms, event.event, event.device_id, event.user_id, event.is_bot)
        for event in evidence.truth.events
    }
    differences = different_cells(expected, {key: fact[:5] for key, fact in evidence.facts.items()})
    if evidence.fact_rows != len(evidence.facts):
        differences += (f"{evidence.fact_rows - len(evidence.facts):,} rows are copies of others",)
    return Check("events: copies removed, times corrected", len(expected), "events", differences)


def every_event_has_its_person(evidence: Evidence) -> Check:
    """Two events are of one person in the warehouse where they are in the brute force, and only there."""
    expected = evidence.expected.person_of_event
    actual = {key: fact.person_id for key, fact in evidence.facts.items()}
    persons = len(set(expected.values()) - {""})
    return Check("persons of the events", persons, "persons", different_groups(expected, actual))


def every_event_has_its_session(evidence: Evidence) -> Check:
    """The same for sessions."""
    expected = evidence.expected.session_of_event
    actual = {key: fact.session_id for key, fact in evidence.facts.items()}
    sessions = len(set(expected.values()) - {""})
    return Check("sessions of the events", sessions, "sessions", different_groups(expected, actual))


def every_session_has_its_row(evidence: Evidence) -> Check:
    """fct_sessions has each session once, with its ends, its person, what brought the visitor, and what came of it."""
    facts, conversions = evidence.facts, evidence.conversions
    rows = session_rows(evidence.truth.events, evidence.expected.visits, facts, conversions=list(conversions))
    expected = {facts[first].session_id if first in facts else first: row for first, row in rows.items()}
    actual = read_session_rows(evidence.warehouse.rows(select_session_rows(conversions.values())))
    name = "fct_sessions: ends, person, channel, conversions"
    return Check(name, len(expected), "sessions", different_cells(expected, actual))
