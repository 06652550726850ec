"""What is read: the price of views and look-ups, of a property nobody planned, of sessions by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from clickhouse_connect.driver.client import Client

from bench.support.cost import by_turns, query_cost
from bench.support.warehouse import BenchWarehouse

FUNNEL = """
select level, count() from (
    select person_id, windowFunnel(604800000, 'strict_once')(
        toUInt64(toUnixTimestamp64Milli(occurred_at)),
        event = 'view_item', event = 'add_to_cart', event = 'begin_checkout', event = 'purchase') as level
    from {events} where event in ('view_item', 'add_to_cart', 'begin_checkout', 'purchase') and person_id != ''
    group by project_id, person_id
) group by level
"""
READS = {
    "events by day": "select toDate(occurred_at) as day, event, count() from {events} group by day, event",
    "persons by day": "select toDate(occurred_at) as day, uniqExact(person_id) from {events} group by day",
    "4-step funnel by hand": FUNNEL,
    "all of one identifier": "select count(), max(occurred_at) from {events} where identifier_key = {key}",
}
ROUNDS = 5
# What lag sorts has to fit the engine's memory.
MOST_OF_LAG = 20_000_000
SESSIONS_BY_LAG = """
select max(number) from (
    select device_id, sum(is_start) over (partition by device_id order by occurred_at, event_id) as number, occurred_at
    from (
        select device_id, event_id, occurred_at,
            dateDiff('millisecond', lagInFrame(occurred_at, 1, toDateTime64(0, 3, 'UTC')) over (
                partition by device_id order by occurred_at, event_id), occurred_at) > 1800000 as is_start
        from {events}
    )
)
"""
SESSIONS_BY_ARRAYS = """
select sum(length(arraySplit((at, silence) -> silence > 1800000, history, arrayDifference(history)))) from (
    select arraySort(groupArray(toUnixTimestamp64Milli(occurred_at))) as history from {events} group by device_id
)
"""


@dataclass(frozen=True)
class Price:
    """CPU-seconds of a thing, and of what it is compared with: of the best round of each, or of the middle ones."""

    name: str
    cpu: float
    peer: float

    @property
    def ratio(self) -> float:
        return self.cpu / self.peer if self.peer else 0


def reader_prices(client: Client, marts: str) -> Iterator[Price]:
    """The same queries on `fct_events` and on plain tables of its rows and order, in its partitions or in one."""
    events, plain = f"{marts}.fct_events", f"{marts}.bench_plain"
    for partitions, name in (("partition by toMonday(occurred_at)", "in the same partitions"), ("", "in one")):
        client.command(f"drop table if exists {plain}")
        client.command(
            f"create table {plain} engine = MergeTree {partitions}"
            f" order by (project_id, identifier_key, occurred_at, event_id) as select * from {events}"
        )
        key = client.query(f"select identifier_key from {plain} limit 1 offset 1000").first_row[0]
        for question, sql in READS.items():
            queries = (sql.format(events=each, key=key) for each in (events, plain))
            yield from _compared(client, f"{question}, a plain table {name}", *queries)
        client.command(f"drop table {plain}")


def property_prices(bench: BenchWarehouse) -> Iterator[Price]:
    """A property that nobody planned, found in the payload and read of the facts: as a text, and as any value."""
    count, raw = "select countIf({} = 's7') from {}", f"{bench.settings.raw_database}.events"
    path = "payload, 'properties', 'free', 'shade'"
    for name, found, read in (
        ("JSONExtractString of the payload", f"JSONExtractString({path})", "'properties.free.shade.:String'"),
        (
            "JSONExtractRaw of the payload",
            f"trimBoth(JSONExtractRaw({path}), '\"')",
            "json_text('properties', ['free', 'shade'])",
        ),
    ):
        facts = f"{{{{ facts_with({{'shade': {read}}}) }}}}"
        queries = count.format(found, raw), bench.compiled(count.format("shade", facts))
        yield from _compared(bench.client, name, *queries)


def _compared(client: Client, name: str, query: str, peer: str) -> Iterator[Price]:
    rounds = by_turns(client, query, peer, rounds=ROUNDS)
    for figure in (min, median):
        yield Price(f"{name}, {figure.__name__}", *(figure(cpu for cpu, _ in costs) for costs in rounds))


def session_price(client: Client, marts: str) -> Price:
    """Of a share of the devices where there are many events."""
    [(count,)] = client.query(f"select count() from {marts}.fct_events").result_rows
    shares = -(-count // MOST_OF_LAG)
    events = f"(select * from {marts}.fct_events where cityHash64(device_id, 'share') % {shares} = 0)"
    return Price(
        "sessions by lag and running sum",
        query_cost(client, SESSIONS_BY_LAG.format(events=events), rounds=1),
        query_cost(client, SESSIONS_BY_ARRAYS.format(events=events), rounds=1),
    )
