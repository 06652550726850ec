"""The audit, and topics that are not what they were."""

import pytest

from loaders.audit import audit
from loaders.errors import PositionLostError
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.topics import new_generation, states
from loaders.warehouse import ClickHouse
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
