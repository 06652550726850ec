"""Nothing runs beside itself: the lock, on a real warehouse."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from loaders.warehouse import connect as connect_as_loader
from orchestration.lib.alone import alone
from orchestration.lib.lock import BusyError, Holding, LockLostError, acquire

Connect = Callable[[], Client]


@pytest.fixture
def connect(clickhouse: Client, settings: Settings) -> Connect:
    clickhouse.command(f"create database if not exists {settings.raw_database}")
    return lambda: connect_as_loader(settings)


def take(connect: Connect, settings: Settings, *, patience_seconds: float = 60) -> Holding:
    return acquire(connect(), settings.raw_database, "work", holder="a test", patience_seconds=patience_seconds)


def test_a_lock_that_is_held_is_refused_and_says_who_holds_it(connect: Connect, settings: Settings) -> None:
    with alone(connect, settings.raw_database, "work", holder="run 1"), pytest.raises(BusyError, match="run 1"):
        take(connect, settings)


def test_a_released_lock_is_taken_with_the_next_epoch(connect: Connect, settings: Settings) -> None:
    first = take(connect, settings)
    first.release()
    assert take(connect, settings).epoch == first.epoch + 1


def test_of_many_at_the_same_moment_one_gets_the_lock(connect: Connect, settings: Settings) -> None:
    start = threading.Barrier(8)

    def attempt() -> Holding | None:
        client = connect()
        start.wait()
        try:
            return acquire(client, settings.raw_database, "work", holder="one of 8", patience_seconds=60)
        except BusyError:
            return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = [future.result() for future in [pool.submit(attempt) for _ in range(8)]]
    assert len([outcome for outcome in outcomes if outcome]) == 1


def test_a_silent_holder_is_taken_over_and_stops_when_it_wakes_up(connect: Connect, settings: Settings) -> None:
    silent = take(connect, settings)
    time.sleep(0.3)
    assert take(connect, settings, patience_seconds=0.2).epoch == silent.epoch + 1
    with pytest.raises(LockLostError):
        silent.beat()


def test_a_takeover_ends_the_queries_of_the_silent_holder(connect: Connect, settings: Settings) -> None:
    silent = take(connect, settings)
    with ThreadPoolExecutor(1) as pool:
        slow = {"max_block_size": 1, "function_sleep_max_microseconds_per_block": 0}
        running = pool.submit(
            connect().query, f"/* {silent.table} */ select sleepEachRow(1) from numbers(60)", settings=slow
        )
        time.sleep(1)
        take(connect, settings, patience_seconds=0.2)
        assert running.exception(timeout=20) is not None


def test_a_run_that_lost_its_place_is_told_and_ends_with_an_error(connect: Connect, settings: Settings) -> None:
    told = threading.Event()

    def lose_the_place() -> None:
        with alone(connect, settings.raw_database, "work", holder="1", on_loss=told.set, patience_seconds=0.4) as mine:
            # What a successor does once the patience is over.
            connect().command(f"drop table {mine.table} sync")
            told.wait(10)

    with pytest.raises(LockLostError):
        lose_the_place()
    assert told.is_set()


def test_a_beating_holder_keeps_its_lock_beyond_the_patience(connect: Connect, settings: Settings) -> None:
    with alone(connect, settings.raw_database, "work", holder="1", patience_seconds=1):
        time.sleep(1.5)
        with pytest.raises(BusyError):
            take(connect, settings, patience_seconds=1)


def test_a_lock_is_taken_on_a_warehouse_that_has_no_database_yet(settings: Settings) -> None:
    with alone(lambda: connect_as_loader(settings), settings.raw_database, "work", holder="1") as mine:
        assert mine.epoch == 1


def test_the_lock_of_a_run_that_ended_without_releasing_it_is_waited_for(connect: Connect, settings: Settings) -> None:
    killed = take(connect, settings)
    with alone(
        connect, settings.raw_database, "work", holder="2", has_ended=lambda who: who == "a test", patience_seconds=1
    ) as mine:
        assert mine.epoch == killed.epoch + 1
