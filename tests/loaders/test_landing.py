"""Landing over a real Kafka and a real ClickHouse."""

import pytest

from loaders.audit import audit
from loaders.errors import BreakerTrippedError, BrokerError, PositionLostError, ThroughlineError
from loaders.header_names import header_name
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.topics import resume
from loaders.warehouse import ClickHouse
from tests.support.clients import by_client
from tests.support.loader_process import start
from tests.support.topics import create, event, expire, produce, produce_transactions, read_all

pytestmark = by_client


def landed(warehouse: ClickHouse, table: str = "events") -> list[tuple[int, int]]:
    rows = warehouse.rows(f"select partition, offset from {warehouse.database}.{table} order by partition, offset")
    return [tuple(row) for row in rows]


def test_every_record_of_every_partition_lands_once(own: Settings, warehouse: ClickHouse) -> None:
    create(own, own.throughline_topics_events, partitions=2)
    for partition in (0, 1):
        values = [event(number) for number in range(500)]
        produce(own, own.throughline_topics_events, values, partition=partition)

    first = load_until_caught_up(own)
    second = load_until_caught_up(own)

    assert (first.consumed, first.usable, first.sidelined) == (1000, 1000, 0)
    assert second.consumed == 0
    assert landed(warehouse) == [(partition, offset) for partition in (0, 1) for offset in range(500)]


def test_a_later_load_lands_only_what_came_since(own: Settings, warehouse: ClickHouse) -> None:
    create(own, own.throughline_topics_events)
    for first in (0, 10):
        produce(own, own.throughline_topics_events, [event(number) for number in range(first, first + 10)])
        assert load_until_caught_up(own).consumed == 10

    assert landed(warehouse) == [(0, offset) for offset in range(20)]


def test_the_bytes_the_key_and_the_headers_land_as_they_came(own: Settings, warehouse: ClickHouse) -> None:
    create(own, own.throughline_topics_events)
    odd = b'{"event_id": "e", \xff\x00\n\t'
    headers = [("trace", b"\x01\xff"), ("empty", b"")]
    produce(own, own.throughline_topics_events, [odd], key=b"\x00key", headers=headers, timestamp_ms=1_768_478_400_123)
    produce(own, own.throughline_topics_events, [event(1)])

    load_until_caught_up(own)

    rows = warehouse.rows(
        "select hex(payload), hex(key), arrayMap(header -> (header.name, hex(header.value)), headers),"
        f" toString(kafka_timestamp), error_class from {warehouse.database}.events order by offset"
    )
    assert bytes.fromhex(rows[0][0]) == odd
    assert bytes.fromhex(rows[0][1]) == b"\x00key"
    assert rows[0][2] == [("trace", "01FF"), ("empty", "")]
    assert rows[0][3:] == ("2026-01-15 12:00:00.123", "not_json_object")
    assert (bytes.fromhex(rows[1][0]), rows[1][1], rows[1][2]) == (event(1), None, [])


def test_each_stream_lands_in_its_own_table(own: Settings, warehouse: ClickHouse) -> None:
    for topic, value in (
        (own.throughline_topics_events, event(1)),
        (own.throughline_topics_identities, event(2, type="identify", user_id="u")),
        (own.throughline_topics_people, event(3, type="set", user_id="u")),
    ):
        create(own, topic)
        produce(own, topic, [value])

    summary = load_until_caught_up(own)

    assert (summary.usable, summary.sidelined) == (3, 0)
    assert [len(landed(warehouse, table)) for table in ("events", "identities", "people")] == [1, 1, 1]


def test_a_batch_is_one_block(own: Settings, warehouse: ClickHouse) -> None:
    many = own.model_copy(update={"throughline_batch_rows": 150_000, "throughline_batch_seconds": 60.0})
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(number) for number in range(70_000)])

    load_until_caught_up(many)

    [[blocks]] = warehouse.rows(f"select uniqExact(loaded_at) from {warehouse.database}.events")
    assert (blocks, len(landed(warehouse))) == (1, 70_000)


def test_one_poison_record_costs_exactly_itself(own: Settings, warehouse: ClickHouse) -> None:
    create(own, own.throughline_topics_events)
    values: list[bytes | None] = [event(number) for number in range(1000)]
    values[0], values[500], values[999] = b"\xff\xfe", None, b"[]"
    produce(own, own.throughline_topics_events, values, key=b"k")

    summary = load_until_caught_up(own)

    assert (summary.usable, summary.sidelined) == (997, 3)
    sidelined = warehouse.rows(
        f"select offset, error_class, state, hex(payload) from {warehouse.database}.sideline order by offset"
    )
    assert [(row[0], row[1], row[2], bytes.fromhex(row[3])) for row in sidelined] == [
        (0, "not_json_object", "pending", b"\xff\xfe"),
        (500, "not_json_object", "pending", b""),
        (999, "not_json_object", "pending", b"[]"),
    ]


@pytest.mark.parametrize("compression", [None, "lz4"])
def test_a_header_name_that_is_no_utf8_lands_as_it_came(
    own: Settings, warehouse: ClickHouse, compression: str | None
) -> None:
    topic = own.throughline_topics_events
    create(own, topic)
    headers = [("trace", b"1"), (header_name(b"\xff\xfename"), b"2"), ("naïve", b"")]
    produce(own, topic, [event(0)], compression_type=compression)
    odd = [event(1), b"poison", event(3)]
    produce(own, topic, odd, headers=headers, compression_type=compression)
    produce(own, topic, [event(4)], compression_type=compression)

    summary = load_until_caught_up(own)

    assert (summary.usable, summary.sidelined) == (4, 1)
    rows = warehouse.rows(
        "select offset, arrayMap(header -> (hex(header.name), hex(header.value)), headers)"
        f" from {warehouse.database}.events order by offset"
    )
    names = [(b"trace", b"1"), (b"\xff\xfename", b"2"), ("naïve".encode(), b"")]
    expected = [(name.hex().upper(), value.hex()) for name, value in names]
    assert [row[1] for row in rows] == [[], expected, expected, expected, []]
    [sidelined] = read_all(own, f"{topic}.sideline")
    assert [name.encode() for name, _ in sidelined.headers][:3] == [name for name, _ in names]


def test_the_sideline_topic_has_the_unusable_records_with_kafka_connects_headers(own: Settings) -> None:
    topic = own.throughline_topics_events
    create(own, topic)
    produce(own, topic, [event(0), b"not json at all", event(2)], headers=[("trace", b"t1")])

    load_until_caught_up(own)
    load_until_caught_up(own)

    [record] = read_all(own, f"{topic}.sideline")
    headers = dict(record.headers)
    assert record.value == b"not json at all"
    assert record.key == f"{topic}/0/0/1".encode()
    assert headers["trace"] == b"t1"
    assert headers["__connect.errors.topic"] == topic.encode()
    assert headers["__connect.errors.partition"] == b"0"
    assert headers["__connect.errors.offset"] == b"1"
    assert headers["__connect.errors.exception.class.name"] == b"not_json_object"


@pytest.mark.parametrize(
    ("unusable", "trips"), [pytest.param(10, False, id="at the limit"), pytest.param(11, True, id="one over the limit")]
)
def test_a_flood_of_unusable_records_stops_the_loader(own: Settings, unusable: int, trips: bool) -> None:
    strict = own.model_copy(update={"throughline_breaker_share": 0.1, "throughline_breaker_window": 100})
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [b"{"] * unusable + [event(number) for number in range(200)])

    if trips:
        with pytest.raises(BreakerTrippedError, match="11 of the last 100 records are unusable"):
            load_until_caught_up(strict)
    else:
        assert load_until_caught_up(strict).sidelined == unusable


def test_a_topic_that_the_breaker_stopped_goes_on_when_a_person_says_so(own: Settings, warehouse: ClickHouse) -> None:
    strict = own.model_copy(update={"throughline_breaker_run": 10})
    topic = own.throughline_topics_events
    create(own, topic)
    produce(own, topic, [b"{"] * 10)
    with pytest.raises(BreakerTrippedError):
        load_until_caught_up(strict)
    produce(own, topic, [b"{"] * 20)

    again = start(strict, "load", "--until-caught-up")
    said, _ = again.communicate(timeout=60)
    assert (again.returncode, f"then `throughline topics resume {topic}`" in said) == (
        BreakerTrippedError.exit_code,
        True,
    )
    assert warehouse.rows(f"select count() from {warehouse.database}.events") == [(10,)]

    resume(strict, topic, reason="the app team took the release back")
    assert load_until_caught_up(strict).sidelined == 20
    produce(own, topic, [b"{"] * 10)
    with pytest.raises(BreakerTrippedError):
        load_until_caught_up(strict)


def test_a_topic_that_is_not_stopped_cannot_be_resumed(own: Settings) -> None:
    create(own, own.throughline_topics_events)
    with pytest.raises(ThroughlineError, match="nothing keeps it from being loaded"):
        resume(own, own.throughline_topics_events, reason="")


def test_what_kafka_keeps_to_itself_is_a_gap_and_no_loss(own: Settings, warehouse: ClickHouse) -> None:
    create(own, own.throughline_topics_events)
    produce_transactions(own, own.throughline_topics_events, commits=[True, False, True])

    summary = load_until_caught_up(own)

    assert summary.usable == 10
    assert load_until_caught_up(own).consumed == 0
    ranges = warehouse.rows(
        f"select first, last, usable, sidelined, gaps from {warehouse.database}.load_ranges final order by first"
    )
    assert sum(usable for _, _, usable, _, _ in ranges) == 10
    assert all(last - first + 1 == usable + sidelined + gaps for first, last, usable, sidelined, gaps in ranges)
    assert (ranges[0][0], ranges[-1][1]) == (0, 16)


def test_what_kafka_kept_to_itself_is_no_loss_when_retention_has_removed_it(
    own: Settings, warehouse: ClickHouse
) -> None:
    topic = own.throughline_topics_events
    create(own, topic)
    produce_transactions(own, topic, commits=[True, False])
    assert load_until_caught_up(own).consumed == 5
    expire(own, topic)

    assert load_until_caught_up(own).consumed == 0
    produce(own, topic, [event(5)])
    assert load_until_caught_up(own).consumed == 1
    assert landed(warehouse) == [(0, offset) for offset in (*range(5), 12)]
    assert audit(own).findings == ()

    produce(own, topic, [event(6)])
    expire(own, topic)
    with pytest.raises(PositionLostError, match=r"offsets 13\.\.13 left Kafka by retention"):
        load_until_caught_up(own)


def test_no_topic_at_all_is_one_clear_line(own: Settings) -> None:
    with pytest.raises(BrokerError, match="has none of the topics"):
        load_until_caught_up(own)
