"""What fct_sessions says of each session, by brute force over the facts and the sessions that they should be in."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from local.oracle.calendar import DAY_MS
from local.oracle.sessions import EventKey, SessionEvent, SomeEvent, Visit, key_of, person_event
from local.oracle.warehouse import Fact

LOOKBACK_MS = 30 * DAY_MS
ENGAGED_MS = 10_000


class Touch(NamedTuple):
    """What brought the visitor, and when; a direct one has neither campaign nor time."""

    channel: str = "direct"
    campaign_source: str = ""
    campaign_medium: str = ""
    campaign_name: str = ""
    at_ms: int | None = None


class SessionRow(NamedTuple):
    """A row of fct_sessions: all that follows of the facts in it, and of the sessions before it."""

    event_count: int
    start_ms: int
    end_ms: int
    person_id: str
    channel: str
    campaign_source: str
    campaign_medium: str
    campaign_name: str
    touched_ms: int | None
    is_direct: bool
    browser: str
    os: str
    device_type: str
    page_count: int
    is_bounce: bool
    is_engaged: bool
    conversions: tuple[bool, ...]


def session_rows(
    events: Iterable[SomeEvent],
    visits: Mapping[EventKey, Visit],
    facts: Mapping[EventKey, Fact],
    *,
    conversions: Sequence[str],
) -> dict[EventKey, SessionRow]:
    """The row of each session by its first event. Sessions with an event that is no fact are left out."""
    by_owner: dict[Hashable, dict[int, list[SomeEvent]]] = {}
    for event in events:
        if (visit := visits.get(key_of(event))) is not None:
            owner = (event.project_id, bool(event.device_id), event.device_id or event.user_id)
            by_owner.setdefault(owner, {}).setdefault(visit.session_number, []).append(event)
    rows = {}
    for sessions in by_owner.values():
        touch = Touch()
        for _, session in sorted(sessions.items(), key=lambda numbered: numbered[0]):
            session.sort(key=_order)
            if all(key_of(event) in facts for event in session):
                own = [facts[key_of(event)] for event in session]
                touch = _touch(own) or touch
                row = _row(own, _still(touch, own[0].occurred_at_ms), facts[key_of(person_event(session))], conversions)
                rows[visits[key_of(session[0])].session] = row
    return rows


def read_session_rows(rows: Iterable[Sequence[object]]) -> dict[object, SessionRow]:
    """The rows that `select_session_rows` selects, by session id."""
    return {session: SessionRow(*row) for session, *row in rows}  # type: ignore[arg-type]


def select_session_rows(flags: Iterable[str]) -> str:
    """fct_sessions in the order of SessionRow; `{marts}` is its database."""
    return f"""
        select
            session_id, event_count, toUnixTimestamp64Milli(session_start_at), toUnixTimestamp64Milli(session_end_at),
            person_id, toString(channel), toString(campaign_source), toString(campaign_medium), toString(campaign_name),
            toUnixTimestamp64Milli(touched_at), is_direct, browser, os, device_type, page_count, is_bounce, is_engaged,
            tuple({", ".join(flags)})
        from {{marts}}.fct_sessions
    """


def _order(event: SessionEvent) -> tuple[int, str, int]:
    return (event.occurred_at_ms, event.event_id, event.client_timestamp_ms)


def _touch(session: Sequence[Fact]) -> Touch | None:
    for fact in session:
        if fact.channel != "direct":
            return Touch(
                fact.channel, fact.campaign_source, fact.campaign_medium, fact.campaign_name, fact.occurred_at_ms
            )
    return None


def _still(touch: Touch, start_ms: int) -> Touch:
    return touch if touch.at_ms is not None and touch.at_ms >= start_ms - LOOKBACK_MS else Touch()


def _row(session: Sequence[Fact], touch: Touch, of_person: Fact, conversions: Sequence[str]) -> SessionRow:
    start_ms, end_ms = session[0].occurred_at_ms, session[-1].occurred_at_ms
    agent = next((fact for fact in session if fact.has_user_agent), None)
    names = {fact.event for fact in session}
    converted = tuple(event in names for event in conversions)
    pages = len({fact.page for fact in session if fact.page[1]})
    return SessionRow(
        event_count=len(session),
        start_ms=start_ms,
        end_ms=end_ms,
        person_id=of_person.person_id,
        channel=touch.channel,
        campaign_source=touch.campaign_source,
        campaign_medium=touch.campaign_medium,
        campaign_name=touch.campaign_name,
        touched_ms=touch.at_ms,
        is_direct=_touch(session) is None,
        browser=agent.browser if agent else "",
        os=agent.os if agent else "",
        device_type=agent.device_type if agent else "",
        page_count=pages,
        is_bounce=len(session) == 1,
        is_engaged=end_ms - start_ms >= ENGAGED_MS or pages >= 2 or any(converted),
        conversions=converted,
    )
