"""Are the events, their persons and their sessions right?"""

from local.oracle.comparison import Check, different_cells, different_groups
from local.oracle.evidence import Evidence
from local.oracle.sessions import EventKey, key_of, person_event
from local.simulator.truth import TrueEvent


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
    """fct_sessions has each session once, with its length, its ends and its person."""
    members: dict[EventKey, list[TrueEvent]] = {}
    visits, facts = evidence.expected.visits, evidence.facts
    for event in evidence.truth.events:
        if visit := visits.get(key_of(event)):
            members.setdefault(visit.session, []).append(event)
    expected = {}
    for first, events in members.items():
        times = [event.occurred_at_ms for event in events]
        person = facts.get(key_of(person_event(events)))
        session = facts.get(first)
        expected[session.session_id if session else first] = (
            len(events),
            min(times),
            max(times),
            person.person_id if person else None,
        )
    actual = {
        session: (count, start, end, person)
        for session, count, start, end, person in evidence.warehouse.rows(
            """
            select
                session_id, event_count, toUnixTimestamp64Milli(session_start_at),
                toUnixTimestamp64Milli(session_end_at), person_id
            from {marts}.fct_sessions
            """
        )
    }
    return Check("fct_sessions: events, ends, person", len(expected), "sessions", different_cells(expected, actual))
