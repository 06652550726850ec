"""The events that behaviour is measured on, made by SQL inside ClickHouse."""

DAYS = 90
EVENTS_A_SESSION = 5.5
SLICE = 2_000_000


def make_events(size: int) -> list[str]:
    """Statements that make a table `fct_events` of about `size` events, as the model of that name lays it out.

    50 events a person with a heavy tail (the busiest hundredth has a tenth of them), 1.3 identifiers a person, sessions
    of 1 to 10 events with up to two minutes between them, 90 days. One person in a thousand turns out to be another.
    """
    sessions = int(size / EVENTS_A_SESSION)
    people = max(1, size // 50)
    statements = ["drop table if exists fct_events", _TABLE]
    step = int(SLICE / EVENTS_A_SESSION)
    return statements + [
        _INSERT.format(first=first, count=min(step, sessions - first), people=people)
        for first in range(0, sessions, step)
    ]


_TABLE = """
create table fct_events (
    project_id LowCardinality(String),
    event_id String,
    device_id String,
    user_id String,
    distinct_id String,
    identifier_key UInt64,
    person_id String,
    session_id String,
    event LowCardinality(String),
    is_bot Bool,
    page String,
    order_id String,
    occurred_at DateTime64(3, 'UTC')
)
engine = MergeTree
order by (project_id, identifier_key, occurred_at, event_id)
"""

_INSERT = f"""
insert into fct_events
with
    ['page_view', 'page_view', 'page_view', 'page_view', 'page_view', 'page_view', 'search', 'search', 'scroll',
     'view_item', 'view_item', 'view_item', 'view_item', 'login', 'share', 'add_to_cart', 'add_to_cart',
     'begin_checkout', 'remove_from_cart', 'purchase'] as names
select
    'default',
    lower(hex(sipHash128(session, nth, 'event'))),
    device,
    '',
    device,
    sipHash64('default', 'device', device),
    lower(hex(sipHash128(person - (person % 1000 = 1)))),
    lower(hex(sipHash128(session, 'session'))),
    names[1 + cityHash64(session, nth, 'name') % 20],
    0,
    concat('/page/', toString(cityHash64(session, nth, 'page') % 400)),
    '',
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC')
        + toIntervalMillisecond(cityHash64(session, 'start') % ({DAYS} * 86400000 - 1200000))
        + toIntervalMillisecond((nth - 1) * 60000 + cityHash64(session, nth, 'time') % 60000)
from (
    select
        number as session,
        toUInt64({{people}} * pow(cityHash64(session, 'person') / 18446744073709551616., 2)) as person,
        concat(
            'd', toString(person),
            if(person % 10 < 3 and cityHash64(session, 'device') % 2 = 0, 'b', 'a')
        ) as device,
        arrayJoin(range(1, 2 + cityHash64(session, 'size') % 10)) as nth
    from numbers({{first}}, {{count}})
)
"""
