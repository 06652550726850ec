"""Files reach a real Kafka: every line once, in the right partition, with its own time."""

import gzip
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest
import zstandard
from kafka import KafkaConsumer, TopicPartition

from loaders.errors import BrokerError, ThroughlineError
from loaders.settings import PROJECT_DIR, Settings
from local.produce.errors import BadLineError, ForeignRecordsError, ProduceError, SourceError
from local.produce.mapping import CsvMapping
from local.produce.message import BadLine
from local.produce.run import Listener, OnError, Pace, produce
from local.produce.sources import find_sources
from local.simulator.config import SimulatorConfig
from local.simulator.run import simulate

SHOP = PROJECT_DIR / "local" / "data" / "shop"


@dataclass(frozen=True)
class Record:
    partition: int
    key: bytes | None
    value: bytes
    timestamp: int


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings whose topics no other test has."""
    prefix = settings.throughline_schema_suffix.strip("_")
    streams = ("events", "identities", "people")
    return settings.model_copy(update={f"throughline_topics_{stream}": f"{prefix}.{stream}" for stream in streams})


def read_topic(settings: Settings, topic: str) -> list[Record]:
    """Everything in a topic, partition by partition."""
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, fetch_max_bytes=64 << 20)
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        wanted = sum(consumer.end_offsets(partitions).values())
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        records: list[Record] = []
        while len(records) < wanted:
            for batch in consumer.poll(timeout_ms=1_000).values():
                records += [Record(each.partition, each.key, each.value, each.timestamp) for each in batch]
        return sorted(records, key=lambda record: record.partition)
    finally:
        consumer.close()


def event(number: int, **more: object) -> bytes:
    body = {"event_id": f"e{number}", "event": "page_view", "timestamp": 1_756_700_000_000 + number * 1_000}
    return orjson.dumps(body | {"device_id": f"d{number % 7}"} | more)


def write(path: Path, lines: list[bytes], pack: Callable[[bytes], bytes] = bytes) -> Path:
    path.write_bytes(pack(b"".join(line + b"\n" for line in lines)))
    return path


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        pytest.param("events.ndjson", bytes, id="plain"),
        pytest.param("events.ndjson.gz", gzip.compress, id="gzip"),
        pytest.param("events.ndjson.zst", zstandard.compress, id="zstd"),
        pytest.param(
            "events.ndjson.zst", lambda data: zstandard.compress(data[:99]) + zstandard.compress(data[99:]), id="frames"
        ),
    ],
)
def test_every_line_arrives_as_it_is(own: Settings, tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    lines = [event(number) for number in range(500)]
    summary = produce(find_sources([write(tmp_path / name, lines, pack)]), own)
    records = read_topic(own, own.throughline_topics_events)
    assert sorted(record.value for record in records) == sorted(lines)
    assert summary.sent == {own.throughline_topics_events: 500}
    assert summary.bad_lines == 0


def test_a_simulation_arrives_whole_with_its_malformed_records(own: Settings, tmp_path: Path) -> None:
    simulation = simulate(SimulatorConfig(people=300, days=10, malformed_share=0.02), tmp_path)
    summary = produce(find_sources([tmp_path]), own, on_error=OnError.KEEP)
    for stream, counts in simulation.counts.items():
        topic = getattr(own, f"throughline_topics_{stream}")
        lines = (tmp_path / f"{stream}.ndjson").read_bytes().split(b"\n")[:-1]
        assert summary.sent[topic] == counts.records
        assert sorted(record.value for record in read_topic(own, topic)) == sorted(lines)
    kept = sum(counts.unusable.get("not_json_object", 0) for counts in simulation.counts.values())
    assert summary.bad_lines == kept


def test_a_device_stays_in_the_partition_that_any_kafka_client_gives_it(own: Settings, tmp_path: Path) -> None:
    lines = [event(number) for number in range(40)]
    lines += [event(number, device_id=None, user_id=user) for number in range(3) for user in ("21", "foobar")]
    produce(find_sources([write(tmp_path / "events.ndjson", lines)]), own)
    places: dict[bytes, set[int]] = {}
    for record in read_topic(own, own.throughline_topics_events):
        body = orjson.loads(record.value)
        assert record.key == (body["device_id"] or body["user_id"]).encode()
        places.setdefault(record.key, set()).add(record.partition)
    assert len(places) == 9
    assert all(len(partitions) == 1 for partitions in places.values())
    # Kafka's own tests say what murmur2 gives of these two: -973932308 and -790332482.
    assert places[b"21"] == {0}
    assert places[b"foobar"] == {2}


def test_a_record_has_the_time_of_receipt_else_of_the_client(own: Settings, tmp_path: Path) -> None:
    lines = [
        event(1, timestamp="2025-09-01T10:00:00+02:00", received_at="2025-09-01T08:00:09.123Z"),
        event(2, timestamp="2025-09-01 08:00:01"),
        event(3, timestamp="yesterday"),
        event(4, timestamp="2099-01-01T00:00:00Z"),
    ]
    produce(find_sources([write(tmp_path / "events.ndjson", lines)]), own)
    records = read_topic(own, own.throughline_topics_events)
    times = {orjson.loads(each.value)["event_id"]: each.timestamp for each in records}
    assert times["e1"] == 1_756_713_609_123
    assert times["e2"] == 1_756_713_601_000
    assert times["e3"] == times["e2"], "without a time of its own it has that of the record before it"
    assert times["e4"] < 4_070_908_800_000, "a broker would refuse the future"


BAD_LINES = [event(0), b"", b"{cut", event(1), b"[1]", b"\xff\xfe", event(2)]


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    return write(tmp_path / "events.ndjson", BAD_LINES)


def test_bad_lines_are_reported_with_their_number_and_skipped(own: Settings, bad_file: Path) -> None:
    heard: list[tuple[Path, int]] = []

    def hear(path: Path, bad: BadLine) -> None:
        heard.append((path, bad.number))

    summary = produce(find_sources([bad_file]), own, listener=Listener(on_bad_line=hear))
    assert heard == [(bad_file, 3), (bad_file, 5), (bad_file, 6)]
    assert summary.bad_lines == 3
    assert summary.sent == {own.throughline_topics_events: 3}


def test_the_first_bad_line_may_stop_the_run(own: Settings, bad_file: Path) -> None:
    with pytest.raises(BadLineError, match=r"events\.ndjson:3: not JSON"):
        produce(find_sources([bad_file]), own, on_error=OnError.STOP)
    assert len(read_topic(own, own.throughline_topics_events)) == 1


def test_bad_lines_may_be_sent_as_they_are(own: Settings, bad_file: Path) -> None:
    summary = produce(find_sources([bad_file]), own, on_error=OnError.KEEP)
    values = {record.value for record in read_topic(own, own.throughline_topics_events)}
    assert values == {line for line in BAD_LINES if line}
    assert summary.bad_lines == 3


@pytest.mark.parametrize("on_error", [OnError.SKIP, OnError.KEEP])
def test_a_line_that_no_topic_takes_is_bad_and_costs_only_itself(
    own: Settings, tmp_path: Path, on_error: OnError
) -> None:
    heard: list[BadLine] = []
    large = [event(1, properties={"padding": "x" * (8 << 20)}), b"x" * (8 << 20)]
    [source] = find_sources([write(tmp_path / "events.ndjson", [event(0), *large, event(2)])])
    summary = produce([source], own, on_error=on_error, listener=Listener(on_bad_line=lambda _, bad: heard.append(bad)))
    assert [(bad.number, bad.reason) for bad in heard] == [(2, "larger than 8 MiB"), (3, "larger than 8 MiB")]
    assert summary.sent == {own.throughline_topics_events: 2}


def test_a_killed_run_is_resumed_where_it_stopped(own: Settings, tmp_path: Path) -> None:
    lines = [event(number) for number in range(300)]
    produce(find_sources([write(tmp_path / "events.ndjson", lines[:120])]), own)
    produce(find_sources([write(tmp_path / "events.ndjson", lines)]), own, resume=True)
    values = [record.value for record in read_topic(own, own.throughline_topics_events)]
    assert sorted(values) == sorted(lines)


def test_what_others_have_sent_cannot_be_resumed(own: Settings, tmp_path: Path) -> None:
    produce(find_sources([write(tmp_path / "events.ndjson", [event(number) for number in range(50)])]), own)
    with pytest.raises(ForeignRecordsError):
        produce(find_sources([write(tmp_path / "events.ndjson", [event(1)])]), own, resume=True)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([event(number, event="other") for number in range(50)], id="records of others alone"),
        pytest.param([event(7), *[event(number) for number in range(50)]], id="one more among them"),
    ],
)
def test_as_many_records_of_others_are_not_taken_for_those_of_these_files(
    own: Settings, tmp_path: Path, others: list[bytes]
) -> None:
    lines = [event(number) for number in range(300)]
    produce(find_sources([write(tmp_path / "events.ndjson", others)]), own)
    with pytest.raises(ForeignRecordsError, match=r"holds records in partition \d that are not of these files"):
        produce(find_sources([write(tmp_path / "events.ndjson", lines)]), own, resume=True)


def test_large_last_records_are_compared_as_well(own: Settings, tmp_path: Path) -> None:
    lines = [event(number, properties={"padding": "x" * (7 << 20)}) for number in range(4)]
    for count in (3, 4):
        produce(find_sources([write(tmp_path / "events.ndjson", lines[:count])]), own, resume=True)
    assert len(read_topic(own, own.throughline_topics_events)) == 4


@dataclass
class Clock:
    """A clock that only sleep moves."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_files_are_sent_side_by_side_at_the_pace_of_their_own_clock(own: Settings, tmp_path: Path) -> None:
    write(tmp_path / "events.ndjson", [event(0), event(60), event(30), event(90)])
    person = {"event_id": "p", "type": "set", "timestamp": 1_756_700_080_000, "user_id": "ann", "properties": {}}
    write(tmp_path / "people.ndjson", [orjson.dumps(person)])
    clock = Clock()
    summary = produce(find_sources([tmp_path]), own, pace=Pace(10.0, clock.read, clock.sleep))
    assert summary.records == 5
    # 60 s, then a late one at once, 80 s (the other file), 90 s: ten times as fast.
    assert clock.slept == pytest.approx([6.0, 2.0, 1.0])


def test_a_clock_that_runs_ahead_is_waited_for_until_now_only(own: Settings, tmp_path: Path) -> None:
    now_ms = int(time.time() * 1000)
    lines = [event(0, timestamp=now_ms - 10_000), event(1, timestamp="2050-01-01T00:00:00Z")]
    clock = Clock()
    produce(find_sources([write(tmp_path / "events.ndjson", lines)]), own, pace=Pace(1.0, clock.read, clock.sleep))
    [slept] = clock.slept
    assert 10 <= slept < 600


def test_a_run_that_is_resumed_does_not_wait_for_what_it_passes_over(own: Settings, tmp_path: Path) -> None:
    lines = [event(number, device_id="d") for number in (0, 60, 120, 150)]
    produce(find_sources([write(tmp_path / "events.ndjson", lines[:2])]), own)
    clock = Clock()
    pace = Pace(1.0, clock.read, clock.sleep)
    produce(find_sources([write(tmp_path / "events.ndjson", lines)]), own, pace=pace, resume=True)
    assert clock.slept == pytest.approx([30.0])


def test_the_shipped_log_arrives_whole_and_the_same_each_time(own: Settings) -> None:
    mapping = CsvMapping.read(SHOP / "mapping.yml")
    for _ in range(2):
        produce(find_sources([SHOP / "ecom.csv.gz"]), own, mapping=mapping)
    bodies = [orjson.loads(record.value) for record in read_topic(own, own.throughline_topics_events)]
    assert len(bodies) == 2 * 31_106
    assert len({body["event_id"] for body in bodies}) == 31_106
    assert len({body["user_id"] for body in bodies}) == 600
    assert len({body["session_id"] for body in bodies}) == 3_605
    assert sum(body["event"] == "purchase" for body in bodies) == 2 * 470


def test_topics_are_made_with_room_for_old_and_for_large_records(own: Settings, tmp_path: Path) -> None:
    # Nearly the largest, and nothing that lz4 could make shorter.
    incompressible = random.Random(1).randbytes((4 << 20) - (9 << 10)).hex()
    large = event(1, properties={"padding": incompressible})
    produce(find_sources([write(tmp_path / "events.ndjson", [large])]), own)
    consumer = KafkaConsumer(bootstrap_servers=own.kafka_bootstrap)
    try:
        assert consumer.partitions_for_topic(own.throughline_topics_events) == {0, 1, 2, 3}
    finally:
        consumer.close()
    assert [record.value for record in read_topic(own, own.throughline_topics_events)] == [large]


def test_no_broker_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.kafka_config.BOOTSTRAP_MS", 1_500)
    nowhere = Settings(kafka_bootstrap="127.0.0.1:1")
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:1.*KAFKA_BOOTSTRAP"):
        produce(find_sources([write(tmp_path / "events.ndjson", [event(1)])]), nowhere)


def corrupt_gzip(path: Path) -> Path:
    path.write_bytes(gzip.compress(b"".join(event(number) + b"\n" for number in range(9_000)))[:-2_000])
    return path


def test_a_corrupt_file_is_named_with_the_line_where_it_ends(own: Settings, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"events\.ndjson\.gz: corrupt after line \d+"):
        produce(find_sources([corrupt_gzip(tmp_path / "events.ndjson.gz")]), own)


def missing(folder: Path) -> Iterator[Path]:
    yield folder / "nothing.ndjson"
    yield folder
    yield write(folder / "events.parquet", [b"PAR1"])


def test_a_path_that_names_no_messages_is_one_clear_line(tmp_path: Path) -> None:
    for path in missing(tmp_path):
        with pytest.raises(SourceError, match=str(path)):
            find_sources([path])


def test_a_pattern_of_topics_does_not_say_where_to_send(own: Settings, tmp_path: Path) -> None:
    pattern = own.model_copy(update={"throughline_topics_events": "^events[.]"})
    with pytest.raises(ProduceError, match="--topic"):
        produce(find_sources([write(tmp_path / "events.ndjson", [event(1)])]), pattern)


def test_every_error_is_one_that_the_command_line_shows_as_a_line() -> None:
    assert all(issubclass(error, ThroughlineError) for error in (ProduceError, SourceError, BadLineError, BrokerError))
