"""Records whose headers librdkafka cannot hand out, and what reading them again costs."""

from collections.abc import Callable
from typing import Any

import pytest

from loaders.confluent_headers import HeaderReader
from loaders.errors import BrokerError
from loaders.header_names import header_name
from loaders.kafka_python import KafkaPythonSource
from loaders.records import Partition
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from tests.support.topics import create, event, produce

NAME = header_name(b"\xff\xfename")


def test_many_such_records_cost_one_connection_and_few_fetches(
    own: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    assigned: list[Any] = []
    for name, calls in (("__init__", opened), ("assign", assigned)):
        monkeypatch.setattr(KafkaPythonSource, name, _counted(getattr(KafkaPythonSource, name), calls))
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(number) for number in range(300)], headers=[(NAME, b"1")])

    load_until_caught_up(own.model_copy(update={"throughline_kafka_client": "confluent-kafka"}))

    [[rows]] = warehouse.rows(
        f"select count() from {warehouse.database}.events where hex(headers[1].name) = 'FFFE6E616D65'"
    )
    assert (rows, len(opened)) == (300, 1)
    assert len(assigned) <= 3


def test_a_record_that_does_not_come_is_named(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.confluent_headers.ANSWER_SECONDS", 1.0)
    create(own, own.throughline_topics_events)
    reader = HeaderReader(own)
    with pytest.raises(BrokerError, match="offset 0 could not be read again"):
        reader.read(Partition(own.throughline_topics_events, 0), 0)


def _counted(method: Callable[..., Any], calls: list[Any]) -> Callable[..., Any]:
    def counted(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return method(*given, **named)

    return counted
