"""Two loaders that both take a partition for theirs: the fence lets one of them land."""

import pytest

from loaders.batch import Limits
from loaders.breaker import BreakerLimits
from loaders.claims import Claims
from loaders.errors import FencedError, WarehouseUnreachableError
from loaders.landing import Lander
from loaders.loop import Loop
from loaders.native import Block
from loaders.records import Partition, Records
from loaders.run import load_until_caught_up
from loaders.session import Session
from loaders.settings import Settings
from loaders.sideline_topic import SidelineTopics
from loaders.streams import Stream
from loaders.warehouse import ClickHouse
from tests.support.memory_source import MemorySource, NoPublisher
from tests.support.topics import create, event, produce

LIMITS = BreakerLimits(1, 10_000, 10_000)


def give_up(error: Exception) -> None:
    raise error


class Worker:
    """A loader at work on a topic that is in memory."""

    def __init__(self, settings: Settings, source: MemorySource) -> None:
        self.warehouse = ClickHouse(settings)
        claims = Claims(settings.raw_database)
        lander = Lander(self.warehouse, claims, 1 << 20, give_up)
        streams = {partition.topic: Stream.EVENTS for partition in source.records}
        sideline = SidelineTopics(self.warehouse, NoPublisher())
        self.session = Session(self.warehouse, claims, lander, source, streams, sideline, LIMITS)
        self.loop = Loop(source, self.session.land, Limits(100, 1 << 20, 0.0), lambda landed: None)

    def take(self, *partitions: Partition) -> None:
        taken = self.session.take(partitions)
        self.loop.own(taken.owned, taken.positions)
        self.loop.source.assign(taken.positions)


def offsets(warehouse: ClickHouse) -> list[tuple[int, int]]:
    rows = warehouse.rows(f"select partition, offset from {warehouse.database}.events order by partition, offset")
    return [tuple(row) for row in rows]


def test_a_zombie_that_polled_before_it_was_overtaken_lands_nothing(own: Settings, warehouse: ClickHouse) -> None:
    partition = Partition("t", 0)
    zombie, heir = (Worker(own, MemorySource({partition: [event(n) for n in range(50)]})) for _ in range(2))
    zombie.take(partition)
    heir.take(partition)

    heir.loop.step()
    heir.loop.drain()
    zombie.loop.step()
    with pytest.raises(FencedError):
        zombie.loop.drain()

    assert offsets(warehouse) == [(0, offset) for offset in range(50)]


def test_an_heir_goes_on_where_the_zombie_stopped(own: Settings, warehouse: ClickHouse) -> None:
    partition = Partition("t", 0)
    zombie, heir = (Worker(own, MemorySource({partition: [event(n) for n in range(50)]}, page=20)) for _ in range(2))
    zombie.take(partition)
    zombie.loop.step()
    zombie.loop.drain()
    heir.take(partition)
    for _ in range(5):
        heir.loop.step()
    heir.loop.drain()

    assert offsets(warehouse) == [(0, offset) for offset in range(50)]


def test_a_batch_lands_without_the_partition_that_moved_away(own: Settings, warehouse: ClickHouse) -> None:
    stays, moves = Partition("t", 0), Partition("t", 1)
    records = {stays: [event(n) for n in range(10)], moves: [event(n) for n in range(10)]}
    first, second = Worker(own, MemorySource(records)), Worker(own, MemorySource(records))
    first.take(stays, moves)
    for partition, polled in first.loop.source.poll(0).items():
        first.loop._take(partition, polled)
    second.take(moves)
    first.loop._submit(first.loop._buffers[Stream.EVENTS])
    first.loop.disown([moves])
    first.loop.drain()

    assert offsets(warehouse) == [(0, offset) for offset in range(10)]


@pytest.mark.parametrize("has_landed", [pytest.param(False, id="did not land"), pytest.param(True, id="landed")])
def test_an_insert_of_unknown_outcome_is_told_by_the_partitions_that_did_not_move(
    own: Settings, warehouse: ClickHouse, has_landed: bool
) -> None:
    stays, moves = Partition("t", 0), Partition("t", 1)
    records = {stays: [event(n) for n in range(10)], moves: [event(n) for n in range(10)]}
    first, second = Worker(own, MemorySource(records)), Worker(own, MemorySource(records, page=4))
    first.take(stays, moves)
    for partition, polled in first.loop.source.poll(0).items():
        first.loop._take(partition, polled)

    def lose_the_answer(statement: str, block: bytes | Block, *, query_id: str) -> None:
        first.warehouse.insert_block = ClickHouse.insert_block.__get__(first.warehouse)  # type: ignore[method-assign]
        if has_landed:
            first.warehouse.insert_block(statement, block, query_id=query_id)
        raise WarehouseUnreachableError("reset")

    def move(_: Exception) -> None:
        second.take(moves)
        second.loop.step()
        second.loop.drain()
        first.loop.owned.pop(moves)

    first.warehouse.insert_block = lose_the_answer  # type: ignore[method-assign]
    first.session.lander.wait = move
    first.loop._submit(first.loop._buffers[Stream.EVENTS])
    first.loop.drain()

    landed_by_heir = 10 if has_landed else 4
    assert offsets(warehouse) == [(0, n) for n in range(10)] + [(1, n) for n in range(landed_by_heir)]


def test_an_insert_that_begins_after_it_was_sent_again_lands_nothing(own: Settings, warehouse: ClickHouse) -> None:
    """As one does that lay unread in the socket of a server that was paused for longer than the loader waited."""
    partition = Partition("t", 0)
    worker = Worker(own, MemorySource({partition: [event(n) for n in range(10)]}))
    worker.take(partition)
    late: list[tuple[str, bytes | Block, str]] = []

    def hold_back(statement: str, block: bytes | Block, *, query_id: str) -> None:
        worker.warehouse.insert_block = ClickHouse.insert_block.__get__(worker.warehouse)  # type: ignore[method-assign]
        late.append((statement, block, query_id))
        raise WarehouseUnreachableError("timed out")

    worker.warehouse.insert_block = hold_back  # type: ignore[method-assign]
    worker.session.lander.wait = lambda error: None
    worker.loop.step()
    worker.loop.drain()
    [(statement, block, query_id)] = late
    with pytest.raises(FencedError):
        warehouse.insert_block(statement, block, query_id=query_id)

    assert offsets(warehouse) == [(0, offset) for offset in range(10)]


def test_a_claim_that_is_renewed_takes_nothing_back_from_an_heir(own: Settings, warehouse: ClickHouse) -> None:
    partition = Partition("t", 0)
    first, heir = (Worker(own, MemorySource({partition: [event(n) for n in range(10)]})) for _ in range(2))
    first.take(partition)
    heir.take(partition)
    first.session.claims.renew(warehouse, [partition])
    heir.loop.step()
    heir.loop.drain()

    assert first.session.claims.still_held(warehouse, [partition]) == set()
    assert heir.session.claims.still_held(warehouse, [partition]) == {partition}


def test_the_last_of_many_renewed_claims_holds(own: Settings, warehouse: ClickHouse) -> None:
    claims, partition = Claims(own.raw_database), Partition("t", 0)
    claims.take(warehouse, [partition])
    for _ in range(12):
        claims.renew(warehouse, [partition])

        assert claims.still_held(warehouse, [partition]) == {partition}


def test_two_loaders_at_once_land_everything_once(own: Settings, warehouse: ClickHouse) -> None:
    from concurrent.futures import ThreadPoolExecutor

    small = own.model_copy(update={"throughline_batch_rows": 100})
    create(own, own.throughline_topics_events, partitions=2)
    for number in (0, 1):
        produce(own, own.throughline_topics_events, [event(n) for n in range(1000)], partition=number)

    def load() -> str:
        try:
            load_until_caught_up(small)
        except FencedError:
            return "overtaken"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ended = {future.result() for future in [pool.submit(load) for _ in range(2)]}

    assert "done" in ended
    assert offsets(warehouse) == [(number, offset) for number in (0, 1) for offset in range(1000)]


def test_records_of_a_partition_that_is_not_owned_are_left(own: Settings) -> None:
    worker = Worker(own, MemorySource({Partition("t", 0): [event(1)]}))
    worker.loop._take(Partition("t", 0), Records((0,), (0,), (None,), (b"",), ((),), 0, 1))

    worker.loop.drain()
