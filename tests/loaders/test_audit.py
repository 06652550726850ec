"""The audit, and topics that are not what they were."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest

from loaders import ranges
from loaders.audit import audit
from loaders.errors import PositionLostError
from loaders.landing import Landed, Refusal
from loaders.records import Partition, Range
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.streams import Stream
from loaders.topics import new_generation, states
from loaders.warehouse import ClickHouse
from orchestration.lib.loads import broken
from tests.support import topics
from tests.support.clients import by_client
from tests.support.topics import create, event, produce

pytestmark = by_client


@pytest.fixture
def loaded(own: Settings) -> Settings:
    """A topic of a hundred records, one of them unusable, loaded."""
    create(own, own.throughline_topics_events)
    values = [event(number) for number in range(100)]
    values[50] = b"{"
    produce(own, own.throughline_topics_events, values)
    load_until_caught_up(own)
    return own


def test_a_load_that_went_well_holds(loaded: Settings) -> None:
    report = audit(loaded)

    assert report.holds
    [books] = report.books
    assert (books.consumed, books.rows.usable, books.rows.sidelined) == (100, 99, 1)


def test_a_deleted_row_is_found(loaded: Settings, warehouse: ClickHouse) -> None:
    warehouse.execute(f"delete from {warehouse.database}.events where offset = 7")

    assert any("100 records were consumed but 99 offsets are landed" in finding for finding in audit(loaded).findings)


def test_a_doubled_row_is_found(loaded: Settings, warehouse: ClickHouse) -> None:
    database = warehouse.database
    warehouse.execute(f"insert into {database}.events select * from {database}.events where offset = 7")

    assert any("1 rows stand twice" in finding for finding in audit(loaded).findings)


def test_a_record_that_was_not_loaded_is_found(loaded: Settings) -> None:
    produce(loaded, loaded.throughline_topics_events, [event(100)])

    assert any("1 records wait in Kafka past offset 99" in finding for finding in audit(loaded).findings)


def test_what_a_loader_lands_while_the_audit_looks_is_on_its_way_and_not_wrong(
    loaded: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two records before each query of the audit, of which one is unusable; their range is written before the next."""
    ask, firsts, partition = ClickHouse.rows, count(100, 2), Partition(loaded.throughline_topics_events, 0)
    landed: list[Landed] = []

    def land_and_ask(self: ClickHouse, query: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        if landed:
            ranges.record(warehouse, Stream.EVENTS, landed[-1:])
        first = next(firsts)
        warehouse.execute(
            f"insert into {warehouse.database}.events (topic, offset, lane, error_class) values"
            f" ('{partition.topic}', {first}, 'live', ''), ('{partition.topic}', {first + 1}, 'live', 'wrong_type')"
        )
        landed.append(Landed(Range(partition, 0, first, first + 1, 2), (Refusal(first + 1, "wrong_type", ""),)))
        return ask(self, query, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(ClickHouse, "rows", land_and_ask)
        busy = audit(loaded)

    assert broken(busy) == []
    assert any("rows stand past the last range" in finding for finding in busy.findings)
    ranges.record(warehouse, Stream.EVENTS, landed[-1:])
    assert audit(loaded).findings == ()


def test_a_copy_past_the_last_range_is_found(loaded: Settings, warehouse: ClickHouse) -> None:
    values = ", ".join([f"('{loaded.throughline_topics_events}', 100, 'live')"] * 2)
    warehouse.execute(f"insert into {warehouse.database}.events (topic, offset, lane) values {values}")

    assert any("1 rows stand twice" in finding for finding in broken(audit(loaded)))


def test_a_topic_that_was_made_again_stops_and_goes_on_as_a_new_generation(
    loaded: Settings, warehouse: ClickHouse
) -> None:
    topic = loaded.throughline_topics_events
    topics.delete(loaded, topic)
    recreate(loaded, topic)
    produce(loaded, topic, [event(number) for number in range(10)])

    with pytest.raises(PositionLostError, match="the topic was deleted and made again"):
        load_until_caught_up(loaded)
    assert warehouse.rows(f"select kind from {warehouse.database}.load_ranges where kind != 'landed'") == [
        ("recreated",)
    ]

    assert new_generation(loaded, topic, reason="made again") == 1
    assert load_until_caught_up(loaded).consumed == 10
    rows = warehouse.rows(
        f"select generation, count() from {warehouse.database}.events group by generation order by generation"
    )
    assert [tuple(row) for row in rows] == [(0, 100), (1, 10)]
    assert audit(loaded).holds
    [state] = states(loaded)
    assert (state.generation, state.lag) == (1, 0)


def recreate(settings: Settings, topic: str) -> None:
    """A broker forgets a deleted topic only after a moment."""
    from kafka.errors import TopicAlreadyExistsError
    from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

    again = retry(
        retry=retry_if_exception_type(TopicAlreadyExistsError),
        stop=stop_after_delay(20),
        wait=wait_fixed(0.3),
        reraise=True,
    )
    again(create)(settings, topic)
