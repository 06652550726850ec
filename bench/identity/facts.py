"""Facts of identity, made by SQL inside ClickHouse: logins on devices, joins, among them long chains."""

from collections.abc import Iterator
from dataclasses import dataclass

CHAIN = 1_000
START_MS = 1_767_225_600_000


@dataclass(frozen=True)
class Facts:
    """Nine logins to one join. A million facts are 900,000 logins over 400,000 devices, 20 chains of 1,000 joins, and
    80,000 joins of two users at random."""

    count: int

    @property
    def devices(self) -> int:
        return max(1, self.count * 4 // 10)

    @property
    def users(self) -> int:
        return max(1, self.count * 3 // 10)

    @property
    def chains(self) -> int:
        return max(1, self.count // 50_000)

    def history_statements(self, raw: str) -> Iterator[str]:
        logins, joins = self.count * 9 // 10, self.count // 10
        chained = self.chains * CHAIN
        yield self._insert(raw, "identify", logins, 0, self._login(salt=0))
        yield self._insert(raw, "merge", chained, logins, _link())
        yield self._insert(raw, "merge", joins - chained, logins + chained, self._join(salt=0))

    def batch_statements(self, raw: str, count: int, batch: int) -> Iterator[str]:
        logins = count * 9 // 10
        first = self.count + batch * count
        yield self._insert(raw, "identify", logins, first, self._login(salt=batch))
        yield self._insert(raw, "merge", count - logins, first + logins, self._join(salt=batch))

    def _login(self, *, salt: int) -> str:
        """Most logins on a device are of the user who has it: `device % users`; one in ten is somebody else's."""
        device = f"cityHash64(number, {salt}, 'device') % {self.devices}"
        other = f"cityHash64(number, {salt}, 'user') % {self.users}"
        return (
            f"""',"device_id":"d', toString({device}), '","user_id":"u',"""
            f" toString(if(cityHash64(number, {salt}, 'other') % 10 = 0, {other}, {device} % {self.users})), '\"'"
        )

    def _join(self, *, salt: int) -> str:
        one, two = (f"toString(cityHash64(number, {salt}, '{end}') % {self.users})" for end in ("one", "two"))
        return f"""',"user_id":"u', {one}, '","previous_id":"u', {two}, '"'"""

    def _insert(self, raw: str, kind: str, count: int, first: int, ids: str) -> str:
        return f"""
insert into {raw}.identities (topic, generation, partition, offset, payload, check_version, lane, loaded_at)
select
    'identities', 0, 0, number,
    concat('{{"event_id":"', toString(number), '","type":"{kind}","timestamp":',
        toString({START_MS} + cityHash64(number, 'at') % 7776000000), {ids}, '}}'),
    1, 'live', now64(3)
from numbers({first}, {max(0, count)})
"""


def _link() -> str:
    """The links of a chain come in no order; its users are nobody else's."""
    place = f"number % {CHAIN}"
    name = f"concat('c', toString(intDiv(number, {CHAIN})), '-', "
    return f"""',"user_id":"', {name}toString({place})), '","previous_id":"', {name}toString({place} + 1)), '"'"""


def events_of(raw: str, facts: Facts, count: int, *, of_each: int) -> str:
    """Events of those devices, so many of each; in a third of them the user who has it is logged in."""
    device = f"cityHash64(intDiv(number, {of_each}), 'd') % {facts.devices}"
    return f"""
insert into {raw}.events (topic, generation, partition, offset, payload, check_version, lane, loaded_at)
select
    'events', 0, 0, number,
    concat('{{"event_id":"', toString(number), '","event":"page_view","timestamp":',
        toString({START_MS} + cityHash64(number, 'at') % 7776000000),
        ',"device_id":"d', toString({device}), '"',
        if(number % 3 = 0, concat(',"user_id":"u', toString({device} % {facts.users}), '"'), ''), '}}'),
    1, 'live', now64(3)
from numbers({count})
"""
