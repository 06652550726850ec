"""What is in memory while nothing lands: a bounded part of the backlog, and reading goes on by itself afterwards."""

from threading import Event

from loaders.batch import Batch, Limits
from loaders.landing import Landed
from loaders.loop import Loop, Owned
from loaders.records import Partition
from loaders.streams import Stream
from tests.support.memory_source import MemorySource

PARTITIONS = [Partition("t", number) for number in range(8)]
BACKLOG, ROWS, PAGE = 1000, 400, 25


class Away:
    """A warehouse that lets every batch wait until it is `back`."""

    def __init__(self) -> None:
        self.back, self.landed = Event(), 0

    def land(self, batch: Batch) -> list[Landed]:
        assert self.back.wait(30)
        self.landed += batch.rows
        return [Landed(span, ()) for span in batch.ranges()]


def test_while_the_warehouse_is_away_two_batches_are_held_and_fetching_is_paused() -> None:
    source = MemorySource({partition: [b"{}"] * BACKLOG for partition in PARTITIONS}, page=PAGE)
    away = Away()
    loop = Loop(source, away.land, Limits(ROWS, 1 << 30, 60.0), lambda landed: None)
    loop.own({partition: Owned(Stream.EVENTS, 0) for partition in PARTITIONS}, dict.fromkeys(PARTITIONS, 0))
    source.assign(dict.fromkeys(PARTITIONS, 0))
    try:
        for _ in range(10):
            loop.step()
        held = sum(loop.positions.values())

        assert loop.is_held_back
        assert source.is_paused
        # A batch that lands and one that waits, each by one poll larger than its limit at most.
        assert held <= 2 * (ROWS + PAGE * len(PARTITIONS))

        away.back.set()
        while sum(loop.positions.values()) < BACKLOG * len(PARTITIONS):
            loop.step()
        loop.drain()
    finally:
        away.back.set()
        loop.close()

    assert away.landed == BACKLOG * len(PARTITIONS)
