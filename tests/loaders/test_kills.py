"""The loader and ClickHouse killed with SIGKILL: nothing is lost, nothing lands twice, and the books hold."""

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from loaders.audit import audit
from loaders.failpoints import NAMES
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.sideline import retry_pending
from loaders.warehouse import ClickHouse
from local.stack import Stack
from tests.support.clients import by_client
from tests.support.loader_process import start
from tests.support.topics import create, event, produce, read_all
from tests.support.waiting import eventually

COUNT = 900
UNUSABLE = {3, 304, 305, 899}
IN_FOLLOW = {"before_commit", "after_commit"}
IN_CATCH_UP = [name for name in NAMES if name not in IN_FOLLOW | {"after_replay"}]


@pytest.fixture
def filled(own: Settings) -> Settings:
    """A topic of numbered records, few of them unusable, and batches so small that a load has several."""
    small = own.model_copy(update={"throughline_batch_rows": 300, "throughline_max_record_bytes": 400})
    create(own, own.throughline_topics_events)
    long = {number: event(number, properties={"x": "x" * 400}) for number in UNUSABLE}
    produce(own, own.throughline_topics_events, [long.get(number, event(number)) for number in range(COUNT)])
    return small


def offsets(warehouse: ClickHouse) -> list[int]:
    rows = warehouse.rows(f"select offset from {warehouse.database}.events where lane = 'live' order by offset")
    return [row[0] for row in rows]


def assert_exact(settings: Settings, warehouse: ClickHouse) -> None:
    """Every record landed once, in the order of offsets, with its own bytes; the sideline and the audit agree."""
    assert offsets(warehouse) == list(range(COUNT))
    [[invented]] = warehouse.rows(
        f"select countIf(JSONExtractString(payload, 'event_id') != concat('e', toString(offset)))"
        f" from {warehouse.database}.events where lane = 'live'"
    )
    assert invented == 0
    sidelined = warehouse.rows(f"select offset from {warehouse.database}.sideline order by offset")
    assert {row[0] for row in sidelined} == UNUSABLE
    assert audit(settings).findings == ()
    sent = {int(dict(record.headers)["__connect.errors.offset"]) for record in _sideline_topic(settings)}
    assert sent == UNUSABLE


def _sideline_topic(settings: Settings) -> Sequence[Any]:
    return read_all(settings, f"{settings.throughline_topics_events}.sideline")


@by_client
@pytest.mark.parametrize("name", IN_CATCH_UP)
def test_a_loader_killed_at_any_step_loses_and_doubles_nothing(
    name: str, filled: Settings, warehouse: ClickHouse, tmp_path: Path
) -> None:
    killed = start(filled, "load", "--until-caught-up", failpoint=f"{name}:1", fired=tmp_path / "fired")
    output, _ = killed.communicate(timeout=60)

    assert killed.returncode == -signal.SIGKILL, output
    assert (tmp_path / "fired").read_text() == name
    load_until_caught_up(filled)
    assert_exact(filled, warehouse)


@by_client
@pytest.mark.parametrize("name", sorted(IN_FOLLOW))
def test_a_follower_killed_around_its_commit_loses_and_doubles_nothing(
    name: str, filled: Settings, warehouse: ClickHouse, tmp_path: Path
) -> None:
    killed = start(filled, "load", "--follow", failpoint=name, fired=tmp_path / "fired")
    output, _ = killed.communicate(timeout=60)

    assert killed.returncode == -signal.SIGKILL, output
    assert (tmp_path / "fired").read_text() == name
    load_until_caught_up(filled)
    assert_exact(filled, warehouse)


def test_a_retry_killed_after_it_landed_lands_nothing_twice(
    filled: Settings, warehouse: ClickHouse, tmp_path: Path
) -> None:
    load_until_caught_up(filled)
    wider = filled.model_copy(update={"throughline_max_record_bytes": 4000})
    killed = start(wider, "sideline", "retry", failpoint="after_replay", fired=tmp_path / "fired")
    output, _ = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, output

    retry_pending(wider, only_due=False)

    rows = warehouse.rows(
        f"select offset, replay_seq from {warehouse.database}.events where lane = 'replay' order by offset"
    )
    assert [row[0] for row in rows] == sorted(UNUSABLE)
    assert audit(wider).findings == ()


@by_client
def test_a_stopped_follower_lands_what_it_polled_and_ends_well(filled: Settings, warehouse: ClickHouse) -> None:
    follower = start(filled, "load", "--follow")
    eventually(lambda: len(offsets(warehouse)) >= COUNT, "all records in raw", seconds=40)
    follower.send_signal(signal.SIGTERM)
    output, _ = follower.communicate(timeout=30)

    assert follower.returncode == 0, output
    assert_exact(filled, warehouse)


def test_clickhouse_killed_while_loading_is_waited_for(filled: Settings, warehouse: ClickHouse, stack: Stack) -> None:
    loader = start(filled.model_copy(update={"throughline_batch_rows": 20}), "load", "--until-caught-up")
    eventually(lambda: bool(offsets(warehouse)), "the first records in raw", seconds=40)
    stack.kill("clickhouse")
    stack.up()

    output, _ = loader.communicate(timeout=60)

    assert loader.returncode == 0, output
    assert_exact(filled, warehouse)
