"""Raw records that models are measured on, made by SQL inside ClickHouse: events, merges, profiles."""

from collections.abc import Iterator
from dataclasses import dataclass

DAYS = 90
LATE_DAYS = 60
EVENTS_A_SESSION = 5.5
EVENTS_A_PERSON = 50
SLICE = 2_000_000
START = "2026-01-01 00:00:00"
PARTITIONS = 8


@dataclass(frozen=True)
class Load:
    """`history` events that landed over 90 days, then batches of `share` of that, each of a day more.

    One session in twenty lands up to 60 days late, the others in order of time.
    50 events a person with a heavy tail, 1.3 devices each; six of ten log in. 1 % of the records are copies.
    One person in twenty was merged with another one in history, one in a thousand is with a batch of 1 %.
    """

    history: int
    payload: int = 250
    share: float = 0.01

    @property
    def people(self) -> int:
        return max(1000, self.history // EVENTS_A_PERSON)

    def history_statements(self, database: str) -> Iterator[str]:
        sessions = int(self.history / EVENTS_A_SESSION)
        step = int(SLICE / EVENTS_A_SESSION)
        for first in range(0, sessions, step):
            yield self._events(database, first, min(step, sessions - first), landing=_in_turn(sessions), batch=0)
        yield self._merges(database, self.people // 20, batch=0)
        yield self._profiles(database, self.people // 3, batch=0)

    def batch_statements(self, database: str, batch: int) -> Iterator[str]:
        """`batch` counts from 1; each is a day further on."""
        sessions = int(self.history * self.share / EVENTS_A_SESSION)
        day = (DAYS + batch - 1) * 86_400_000
        landing = f"{day} + cityHash64(session, 'landing') % 85000000"
        yield self._events(database, batch * 1_000_000_000, sessions, landing=landing, batch=batch)
        yield self._copies(database, int(self.history * self.share / 100), batch=batch)
        yield self._merges(database, max(1, round(self.people * self.share / 10)), batch=batch)
        yield self._profiles(database, max(1, round(self.people * self.share / 3)), batch=batch)

    def _events(self, database: str, first: int, count: int, *, landing: str, batch: int) -> str:
        """Events of sessions that land in milliseconds since the start."""
        filler = max(0, self.payload - 250)
        return f"""
insert into {database}.events (topic, generation, partition, offset, payload, check_version, lane, loaded_at)
with
    ['page_view', 'page_view', 'page_view', 'page_view', 'page_view', 'search', 'scroll', 'view_item', 'view_item',
     'view_item', 'view_item', 'login', 'share', 'add_to_cart', 'add_to_cart', 'begin_checkout', 'purchase'] as names
select
    'events', 0, session % {PARTITIONS},
    session * 32 + nth + is_copy * 16,
    concat(
        '{{"event_id":"', lower(hex(sipHash128(session, nth, 'event'))), '","event":"', name,
        '","timestamp":', toString(at), ',"sent_at":', toString(at + 300),
        ',"received_at":', toString(at + 340 + is_copy),
        ',"device_id":"', device, '"', if(is_known and nth > 2, concat(',"user_id":"u', toString(person), '"'), ''),
        ',"properties":{{"page":"/', toString(cityHash64(session, nth, 'page') % 400), '"',
        if(name in ('view_item', 'add_to_cart', 'purchase'), concat(
            ',"item_id":"i', toString(cityHash64(session, nth) % 5000),
            '","value":', toString((cityHash64(session, nth, 'value') % 20000) / 100)
        ), ''),
        if(name = 'purchase', concat(',"currency":"EUR","order_id":"o', toString(session), '"'), ''),
        ',"free":{{"shade":"s', toString(cityHash64(session, nth, 'shade') % 50), '"}}',
        if({filler} > 0, concat(',"text":"', {_words(filler)}, '"'), ''),
        '}}}}'
    ),
    1, 'live', toDateTime64('{START}', 3, 'UTC') + toIntervalSecond(intDiv(landing, 1000))
from (
    select
        *,
        names[1 + cityHash64(session, nth, 'name') % 17] as name,
        toUnixTimestamp64Milli(toDateTime64('{START}', 3, 'UTC')) + landing - {_late("landing")}
            + (nth - 1) * 60000 + cityHash64(session, nth, 'time') % 60000 as at,
        arrayJoin(if(cityHash64(session, nth, 'copy') % 100 = 0, [0, 1], [0])) as is_copy
    from (
        select
            number as session,
            toInt64({landing}) as landing,
            toUInt64({self.people} * pow(cityHash64(session, 'person') / 18446744073709551616., 2)) as person,
            person % 10 < 6 as is_known,
            person % 10 < 3 and cityHash64(session, 'device') % 2 = 0 as is_second,
            concat('d', toString(person), if(is_second, 'b', 'a')) as device,
            arrayJoin(range(1, 2 + cityHash64(session, 'size') % 10)) as nth
        from numbers({first}, {count})
    )
)
"""

    def _copies(self, database: str, count: int, *, batch: int) -> str:
        """Records that come once more: 95 % of them of the day before, the others of any day."""
        of_any_day = count // 20
        of_the_day_before = f"loaded_at >= {_day(DAYS + batch - 2)} and loaded_at < {_day(DAYS + batch - 1)}"
        return f"""
insert into {database}.events (topic, generation, partition, offset, payload, check_version, lane, loaded_at)
select
    topic, generation, partition, ({batch}000000000 + 500000000) * 32 + rowNumberInAllBlocks(), payload, 1, 'live',
    {_day(DAYS + batch)}
from (
    select * from {database}.events
    where {of_the_day_before}
    order by cityHash64(offset, {batch})
    limit {count - of_any_day}
    union all
    select * from {database}.events
    where cityHash64(offset, {batch}) % {self.history} < {of_any_day}
)
"""

    def _merges(self, database: str, count: int, *, batch: int) -> str:
        return f"""
insert into {database}.identities (topic, generation, partition, offset, payload, check_version, lane, loaded_at)
select
    'identities', 0, 0, {batch} * 1000000000 + number,
    concat(
        '{{"event_id":"m', toString({batch}), '-', toString(number), '","type":"merge","timestamp":',
        toString(toUnixTimestamp64Milli(toDateTime64('{START}', 3, 'UTC')) + number % ({DAYS} * 86400000)),
        ',"user_id":"u', toString(cityHash64(number, {batch}, 'one') % {self.people}),
        '","previous_id":"u', toString(cityHash64(number, {batch}, 'two') % {self.people}), '"}}'
    ),
    1, 'live', {_day(DAYS + batch)}
from numbers({count})
"""

    def _profiles(self, database: str, count: int, *, batch: int) -> str:
        return f"""
insert into {database}.people (topic, generation, partition, offset, payload, check_version, lane, loaded_at)
select
    'people', 0, 0, {batch} * 1000000000 + number,
    concat(
        '{{"event_id":"p', toString({batch}), '-', toString(number), '","type":"set","timestamp":',
        toString(toUnixTimestamp64Milli(toDateTime64('{START}', 3, 'UTC')) + number % ({DAYS} * 86400000)),
        ',"user_id":"u', toString(cityHash64(number, {batch}, 'user') % {self.people}),
        '","properties":{{"plan":"', ['free', 'pro', 'team'][1 + number % 3],
        '","seats":', toString(number % 40), '}}}}'
    ),
    1, 'live', {_day(DAYS + batch)}
from numbers({count})
"""


def _day(number: int) -> str:
    return f"toDateTime64('{START}', 3, 'UTC') + toIntervalDay({number})"


def _in_turn(sessions: int) -> str:
    return f"intDiv(session * {DAYS * 86_400_000 - 1_200_000}, {sessions})"


def _late(landing: str) -> str:
    """Milliseconds, but none before the start."""
    late = f"cityHash64(session, 'lateness') % least({LATE_DAYS} * 86400000, {landing} + 1)"
    return f"if(cityHash64(session, 'late') % 20 = 0, {late}, 0)"


def _words(length: int) -> str:
    """Text of about that many bytes that packs as text does: words of a small language, in no order."""
    count = length // 8
    word = "substring(lower(hex(cityHash64(cityHash64(session, nth, place) % 800))), 1, 7)"
    return f"arrayStringConcat(arrayMap(place -> {word}, range({count})), ' ')"
