"""Decisions of the loaders that need no server."""

from collections.abc import Sequence

import pytest

from loaders.batch import Batch, Buffer, Limits
from loaders.breaker import Breaker, BreakerLimits
from loaders.errors import BreakerTrippedError, MigrationChangedError, PositionLostError, ThroughlineError
from loaders.ledger import Books, Entry, Rows, findings
from loaders.native import JOINED_PARTS, Block
from loaders.patience import Patience
from loaders.positions import Log, next_offset
from loaders.records import Partition, Records
from loaders.replay import PAGE_BYTES, PAGE_ROWS, Coordinates, Pending, pages
from loaders.schema import Migration, pending, read_migrations
from loaders.streams import Stream, match_topics

P0, P1 = Partition("t", 0), Partition("t", 1)


def records(first: int, count: int, *, size: int = 10) -> Records:
    offsets = tuple(range(first, first + count))
    return Records(
        offsets, (0,) * count, (None,) * count, (b"x" * size,) * count, ((),) * count, size * count, first + count
    )


def buffer(*, rows: int = 100, size: int = 10_000, seconds: float = 1.0) -> Buffer:
    return Buffer(Stream.EVENTS, Limits(rows, size, seconds))


def cut(collected: Buffer) -> Batch:
    batch = collected.cut()
    assert batch is not None
    return batch


@pytest.mark.parametrize(
    ("count", "size", "now", "is_due"),
    [
        pytest.param(99, 1, 0.9, False, id="below every limit"),
        pytest.param(100, 1, 0.0, True, id="at the rows"),
        pytest.param(10, 1000, 0.0, True, id="at the bytes"),
        pytest.param(1, 1, 1.0, True, id="at the age"),
    ],
)
def test_a_batch_is_cut_by_rows_bytes_or_age(count: int, size: int, now: float, is_due: bool) -> None:
    collected = buffer()
    collected.add(P0, records(0, count, size=size), generation=0, expected=0, now=0.0)

    assert collected.is_due(now) is is_due


def test_an_empty_buffer_is_never_due() -> None:
    assert not buffer().is_due(1e9)
    assert buffer().cut() is None


def test_a_range_begins_where_reading_stood_and_counts_what_kafka_kept_to_itself() -> None:
    collected = buffer()
    collected.add(P0, records(7, 3), generation=2, expected=5, now=0.0)
    collected.add(P0, records(12, 1), generation=2, expected=10, now=0.0)

    [span] = cut(collected).ranges()

    assert (span.generation, span.first, span.last, span.rows, span.gaps) == (2, 5, 12, 4, 4)


def test_a_batch_is_sorted_by_partition() -> None:
    collected = buffer()
    collected.add(P1, records(0, 1), generation=0, expected=0, now=0.0)
    collected.add(P0, records(0, 1), generation=0, expected=0, now=0.0)

    assert [run.partition for run in cut(collected).runs] == [P0, P1]


def test_a_partition_that_was_taken_away_leaves_the_buffer() -> None:
    collected = buffer()
    collected.add(P0, records(0, 3), generation=0, expected=0, now=0.0)
    collected.add(P1, records(0, 2), generation=0, expected=0, now=0.0)
    collected.drop(P0)

    assert (collected.rows, collected.size, [run.partition for run in cut(collected).runs]) == (2, 20, [P1])


@pytest.mark.parametrize(
    ("highest", "log", "expected"),
    [
        pytest.param(None, Log(0, 10), 0, id="never read"),
        pytest.param(None, Log(4, 10), 4, id="never read, retention ran"),
        pytest.param(4, Log(0, 10), 5, id="past the highest landed"),
        pytest.param(9, Log(0, 10), 10, id="at the end"),
        pytest.param(4, Log(5, 10), 5, id="just what retention left"),
    ],
)
def test_reading_goes_on_past_the_highest_landed_offset(highest: int | None, log: Log, expected: int) -> None:
    assert next_offset(P0, highest, log) == expected


def test_reading_goes_on_where_retention_removed_only_what_kafka_kept_to_itself() -> None:
    assert next_offset(P0, 4, Log(7, 10), passed=7) == 7
    assert next_offset(P0, 4, Log(0, 10), passed=7) == 5
    with pytest.raises(PositionLostError, match=r"offsets 7\.\.8 left"):
        next_offset(P0, 4, Log(9, 10), passed=7)


@pytest.mark.parametrize(
    ("highest", "log", "kind"),
    [
        pytest.param(10, Log(0, 10), "recreated", id="kafka ends below what is landed"),
        pytest.param(4, Log(6, 10), "lost", id="retention ran past the position"),
    ],
)
def test_a_position_that_kafka_cannot_serve_is_said(highest: int, log: Log, kind: str) -> None:
    with pytest.raises(PositionLostError, match=r"t-0: .*new-generation t`") as caught:
        next_offset(P0, highest, log)

    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("chunks", "trips"),
    [
        pytest.param([(1000, range(10))], False, id="the share at its limit"),
        pytest.param([(1000, range(11))], True, id="the share over its limit"),
        pytest.param([(1000, range(990, 1000)), (1000, [989])], True, id="over the limit across two batches"),
        pytest.param([(1000, range(990, 1000)), (1000, [990])], False, id="the first has left the window"),
        pytest.param([(5000, range(0, 5000, 100))], False, id="one per cent for ever"),
    ],
)
def test_the_breaker_counts_unusable_records_in_a_window(chunks: list[tuple[int, Sequence[int]]], trips: bool) -> None:
    assert did_trip(BreakerLimits(share=0.01, window=1000, run=1000), chunks) is trips


@pytest.mark.parametrize(
    ("chunks", "trips"),
    [
        pytest.param([(10, range(4))], False, id="one less than the limit"),
        pytest.param([(10, range(5))], True, id="at the limit"),
        pytest.param([(10, range(7, 10)), (10, range(2))], True, id="across two batches"),
        pytest.param([(10, [0, 1, 2, 3, 5, 6, 7, 8])], False, id="a usable one between"),
    ],
)
def test_the_breaker_counts_unusable_records_in_a_row(chunks: list[tuple[int, Sequence[int]]], trips: bool) -> None:
    assert did_trip(BreakerLimits(share=1.0, window=1000, run=5), chunks) is trips


def did_trip(limits: BreakerLimits, chunks: list[tuple[int, Sequence[int]]]) -> bool:
    breaker = Breaker("t", limits)
    try:
        for count, unusable in chunks:
            breaker.observe(count, unusable)
    except BreakerTrippedError:
        return True
    return False


GOOD = (Entry(0, 4, "landed", 5, 0, 0), Entry(5, 9, "repaired", 3, 1, 1))


@pytest.mark.parametrize(
    ("rows", "entries", "waiting", "said"),
    [
        pytest.param(Rows(9, 9, 9, 8, 1), GOOD, 0, "", id="books that hold"),
        pytest.param(Rows(8, 8, 9, 7, 1), GOOD, 0, "9 records were consumed but 8", id="a row is missing"),
        pytest.param(Rows(10, 9, 9, 9, 1), GOOD, 0, "1 rows stand twice", id="a row stands twice"),
        pytest.param(Rows(9, 8, 9, 8, 1), GOOD, 0, "1 rows stand twice", id="one is missing and one stands twice"),
        pytest.param(Rows(9, 9, 9, 9, 0), GOOD, 0, "usable, sidelined", id="a class was changed"),
        pytest.param(Rows(9, 9, 9, 8, 1), GOOD, 3, "3 records wait", id="kafka has more"),
        pytest.param(Rows(5, 5, 4, 5, 0), (*GOOD[:1], Entry(7, 6, "landed", 0, 0, 0)), 0, "followed by", id="a hole"),
        pytest.param(
            Rows(9, 9, 9, 8, 1), (*GOOD, Entry(10, 19, "lost", 0, 0, 0)), 0, "lost, offsets 10..19", id="lost"
        ),
    ],
)
def test_the_ledger_says_what_is_wrong(rows: Rows, entries: tuple[Entry, ...], waiting: int, said: str) -> None:
    found = list(findings(Books(P0, 0, rows, entries, Log(0, 10), waiting)))

    assert any(said in finding for finding in found) if said else found == []


def test_a_range_that_a_sleeping_loader_wrote_after_its_heir_repaired_it_counts_once() -> None:
    entries = (GOOD[0], Entry(5, 9, "landed", 3, 1, 1), GOOD[1])

    assert list(findings(Books(P0, 0, Rows(9, 9, 9, 8, 1), entries, Log(0, 10), 0))) == []


def test_an_outage_is_waited_for_with_growing_pauses_and_then_raised() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    patience = Patience(10.0, clock=lambda: now[0], sleep=sleep)
    error = ThroughlineError("away")

    def wait_for_ever() -> None:
        while True:
            patience(error)

    with pytest.raises(ThroughlineError, match="away"):
        wait_for_ever()

    assert slept[:6] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.0]
    assert 10.0 <= now[0] < 14.0


def test_attempts_that_hang_are_of_one_outage() -> None:
    now = [0.0]

    def hang() -> None:
        now[0] += 120.0
        patience(ThroughlineError("no answer"))

    patience = Patience(300.0, 150.0, clock=lambda: now[0], sleep=lambda seconds: None)
    for _ in range(3):
        hang()
    with pytest.raises(ThroughlineError, match="no answer"):
        hang()
    patience.over()
    hang()


def test_a_new_outage_is_waited_for_anew() -> None:
    now = [0.0]
    patience = Patience(1.0, clock=lambda: now[0], sleep=lambda seconds: None)
    patience(ThroughlineError("first"))
    now[0] = 100.0

    patience(ThroughlineError("second"))


def test_of_an_outage_its_beginning_each_minute_and_its_end_are_said() -> None:
    now, said = [0.0], list[str]()
    patience = Patience(None, clock=lambda: now[0], sleep=lambda seconds: None, say=said.append)
    patience.over()
    for second in range(0, 121, 5):
        now[0] = float(second)
        patience(ThroughlineError(f"away at {second}"))
    patience.over()
    patience.over()

    assert said == [*(f"away at {second}; trying again" for second in (0, 60, 120)), "landing again after 120 s"]


def test_an_outage_that_comes_and_goes_is_said_once_a_minute() -> None:
    now, said = [0.0], list[str]()
    patience = Patience(None, clock=lambda: now[0], sleep=lambda seconds: None, say=said.append)
    for second in range(60):
        now[0] = float(second)
        patience(ThroughlineError("away"))
        patience.over()

    assert said == ["away; trying again", "landing again after 0 s"]


def test_a_topic_is_found_by_name_or_pattern_and_never_a_sideline() -> None:
    existing = [
        "events",
        "events.sideline",
        "shop.view",
        "shop.buy",
        "shop.buy.sideline",
        "people",
        "__consumer_offsets",
    ]
    wanted = {Stream.EVENTS: ("events", r"^shop\."), Stream.PEOPLE: ("people", "events")}

    assert match_topics(existing, wanted) == {
        "events": Stream.EVENTS,
        "shop.view": Stream.EVENTS,
        "shop.buy": Stream.EVENTS,
        "people": Stream.PEOPLE,
    }


def test_only_ddl_that_was_not_applied_is_applied() -> None:
    first, second = Migration("0001_a.sql", "a"), Migration("0002_b.sql", "b")

    assert pending([first, second], {first.name: first.checksum}) == [second]


def test_ddl_that_changed_after_it_was_applied_is_refused() -> None:
    with pytest.raises(MigrationChangedError, match=r"0001_a\.sql changed after it was applied"):
        pending([Migration("0001_a.sql", "changed")], {"0001_a.sql": Migration("0001_a.sql", "a").checksum})


def test_ddl_is_numbered_without_gaps() -> None:
    assert [int(migration.name[:4]) for migration in read_migrations()] == list(range(1, len(read_migrations()) + 1))


def test_pages_of_a_retry_are_of_one_stream_and_bounded() -> None:
    def item(stream: Stream, size: int, offset: int) -> Pending:
        return Pending(stream, Coordinates(P0, 0, offset), size, 0)

    many = [item(Stream.EVENTS, 1, n) for n in range(PAGE_ROWS + 1)]
    large = [item(Stream.PEOPLE, PAGE_BYTES, n) for n in range(2)]

    cut_up = list(pages([*many, *large]))

    assert [len(page) for page in cut_up] == [PAGE_ROWS, 1, 1, 1]
    assert [item for page in cut_up for item in page] == [*many, *large]


def test_a_block_says_its_length_and_gives_its_bytes_each_time_it_is_sent() -> None:
    block = Block([b"one", b"", *[b"more"] * JOINED_PARTS])
    whole = b"one" + b"more" * JOINED_PARTS
    assert len(block) == len(whole)
    assert [b"".join(block) for _ in range(2)] == [whole, whole]
    assert len(list(block)) == 2
