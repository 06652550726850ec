"""The events that behaviour is measured on, made by SQL inside ClickHouse and read as BI reads them."""

DAYS = 90
EVENTS_A_SESSION = 5.5
EVENTS_A_PERSON = 50
SLICE = 2_000_000
SLICES_OF_SESSIONS = 10


def make_events(size: int, *, database: str, user: str, password: str) -> list[str]:
    """Statements that make a view `fct_events` of about `size` events, as the model of that name lays it out.

    A stored table in which an event has its identifier's number, and a dictionary that knows whose identifier that is.
    50 events a person with a heavy tail (the busiest hundredth has a tenth of them), 1.3 identifiers a person, sessions
    of 1 to 10 events with up to two minutes between them, 90 days. After the load one person in a thousand turns out to
    be another one, and one device in a thousand has changed hands half way.
    """
    source = {"database": database, "user": user, "password": password}
    sessions = int(size / EVENTS_A_SESSION)
    people = max(1, size // EVENTS_A_PERSON)
    step = int(SLICE / EVENTS_A_SESSION)
    return [
        *_CLEAN,
        _STORED,
        *(
            _INSERT.format(first=first, count=min(step, sessions - first), people=people)
            for first in range(0, sessions, step)
        ),
        "optimize table stored_events final",
        _SESSIONS,
        *(_INSERT_SESSIONS.format(slice=number, slices=SLICES_OF_SESSIONS) for number in range(SLICES_OF_SESSIONS)),
        _PERSON_IDS.format(people=people),
        _PERSON_LOOKUP.format(**source),
        _PERSON_SEGMENT_LOOKUP.format(**source),
        "system reload dictionary person_lookup",
        "system reload dictionary person_segment_lookup",
        _VIEW,
    ]


_CLEAN = [
    "drop view if exists fct_events",
    "drop dictionary if exists person_lookup",
    "drop dictionary if exists person_segment_lookup",
    "drop table if exists person_segments",
    "drop table if exists stored_events",
    "drop table if exists int_sessions_aggregated",
]

_STORED = """
create table stored_events (
    project_id LowCardinality(String),
    event_id String,
    device_id String,
    user_id String,
    distinct_id String,
    identifier_key UInt64,
    session_id String,
    event LowCardinality(String),
    is_bot Bool,
    page String,
    item_id String,
    occurred_at DateTime64(3, 'UTC')
)
engine = MergeTree
partition by toMonday(occurred_at)
order by (project_id, identifier_key, occurred_at, event_id)
"""

_INSERT = f"""
insert into stored_events
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
    lower(hex(sipHash128(session, 'session'))),
    names[1 + cityHash64(session, nth, 'name') % 20],
    0,
    concat('/page/', toString(cityHash64(session, nth, 'page') % 400)),
    concat('item-', toString(cityHash64(session, intDiv(nth, 3), 'item') % 5000)),
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

# What macros read of models/marts/sessions/int_sessions_aggregated.sql.
_SESSIONS = """
create table int_sessions_aggregated (session_id String, simultaneous_keys Array(UInt64))
engine = MergeTree
order by session_id
"""

_INSERT_SESSIONS = """
insert into int_sessions_aggregated
select session_id, if(uniqExact(occurred_at) < count(), groupUniqArray(identifier_key), [])
from stored_events
where cityHash64(session_id) % {slices} = {slice}
group by session_id
"""

# What the identity models know after the load: whose each identifier is, and since when where it changed hands.
_PERSON_IDS = """
create table person_segments engine = MergeTree order by identifier_key as
select
    sipHash64('default', 'device', device) as identifier_key,
    cityHash64(device) % 1000 = 0 as is_shared,
    reinterpretAsUInt128(sipHash128(owner)) as first_person,
    reinterpretAsUInt128(sipHash128(owner, 'guest')) as second_person
from (
    select
        number as person,
        person - (person % 1000 = 1) as owner,
        arrayJoin(if(person % 10 < 3, ['a', 'b'], ['a'])) as suffix,
        concat('d', toString(person), suffix) as device
    from numbers({people})
)
"""

# As models/marts/identity/person_lookup.sql.
_PERSON_LOOKUP = """
create dictionary person_lookup (identifier_key UInt64, person UInt128)
primary key identifier_key
source(clickhouse(
    user '{user}' password '{password}'
    query 'select identifier_key, first_person as person from {database}.person_segments where not is_shared'
))
layout(hashed())
lifetime(0)
"""

# As models/marts/identity/person_segment_lookup.sql.
_PERSON_SEGMENT_LOOKUP = """
create dictionary person_segment_lookup (
    identifier_key UInt64,
    valid_from DateTime64(3, 'UTC'),
    valid_through DateTime64(3, 'UTC'),
    person UInt128
)
primary key identifier_key
source(clickhouse(
    user '{user}' password '{password}'
    query "
        select
            identifier_key,
            segment.1 as valid_from,
            segment.2 as valid_through,
            segment.3 as person
        from {database}.person_segments
        array join [
            (toDateTime64('1970-01-01', 3, 'UTC'), toDateTime64('2026-02-14 23:59:59.999', 3, 'UTC'), first_person),
            (toDateTime64('2026-02-15', 3, 'UTC'), toDateTime64('2106-01-01', 3, 'UTC'), second_person)
        ] as segment
        where is_shared
    "
))
layout(range_hashed())
range(min valid_from max valid_through)
lifetime(0)
"""

# As models/marts/events/fct_events.sql.
_VIEW = """
create view fct_events as
select
    *,
    replaceOne(
        lower(hex(reinterpretAsFixedString(dictGetOrDefault(
            person_lookup, 'person', identifier_key,
            dictGet(person_segment_lookup, 'person', identifier_key, occurred_at)
        )))),
        '00000000000000000000000000000000',
        ''
    ) as person_id
from stored_events
"""
