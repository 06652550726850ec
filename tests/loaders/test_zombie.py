"""A follower that is stopped past its session and wakes up, beside one that took its partitions over."""

import signal

from loaders.audit import audit
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from tests.support.clients import by_client
from tests.support.loader_process import start
from tests.support.topics import create, event, produce
from tests.support.waiting import eventually

pytestmark = by_client

COUNT = 300


def landed(warehouse: ClickHouse) -> int:
    [[count]] = warehouse.rows(f"select count() from {warehouse.database}.events")
    return int(count)


def wait_for(warehouse: ClickHouse, count: int, *, seconds: float) -> None:
    eventually(lambda: landed(warehouse) >= count, f"{count} records in raw", seconds=seconds)


def test_a_follower_that_wakes_up_after_its_session_lands_nothing_twice(own: Settings, warehouse: ClickHouse) -> None:
    topic = own.throughline_topics_events
    create(own, topic, partitions=2)
    followers = []
    try:
        followers.append(start(own, "load", "--follow"))
        produce(own, topic, [event(n) for n in range(COUNT)])
        wait_for(warehouse, COUNT, seconds=40)

        followers[0].send_signal(signal.SIGSTOP)
        followers.append(start(own, "load", "--follow"))
        for number in (0, 1):
            produce(own, topic, [event(n) for n in range(COUNT)], partition=number)
        wait_for(warehouse, 3 * COUNT, seconds=60)

        followers[0].send_signal(signal.SIGCONT)
        for number in (0, 1):
            produce(own, topic, [event(n) for n in range(COUNT)], partition=number)
        wait_for(warehouse, 5 * COUNT, seconds=60)
    finally:
        for follower in followers:
            follower.send_signal(signal.SIGCONT)
            follower.terminate()
        outputs = [follower.communicate(timeout=40)[0] for follower in followers]

    load_until_caught_up(own)
    assert [follower.returncode for follower in followers] == [0, 0], outputs
    assert landed(warehouse) == 5 * COUNT
    assert audit(own).findings == ()
