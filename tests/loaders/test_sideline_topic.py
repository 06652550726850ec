"""What is sent to the sideline topic, and from where it is sent again."""

from collections.abc import Sequence

from loaders.landing import Refusal
from loaders.records import Found, Partition, Records, Run
from loaders.sideline_topic import MARK_SECONDS, SidelineTopics
from loaders.warehouse import ClickHouse
from tests.support.memory_source import NoPublisher

PARTITION = Partition("t", 0)


def run_of(first: int, *offsets: int) -> Run:
    """Two parts that have a gap between them, as aborted transactions leave it."""
    half = (len(offsets) + 1) // 2
    return Run(PARTITION, 0, first, [records(offsets[:half]), records(offsets[half:])])


def records(offsets: Sequence[int]) -> Records:
    values = [b"%d" % offset for offset in offsets]
    headers = [(("h", b"%d" % offset),) for offset in offsets]
    return Records(offsets, [0] * len(offsets), [None] * len(offsets), values, headers, 0, offsets[-1] + 1)


def marked(warehouse: ClickHouse) -> int | None:
    [[offset, count]] = warehouse.rows(f"select max(offset), count() from {warehouse.database}.sideline_published")
    return offset if count else None


def test_a_run_finds_its_records_over_gaps_and_parts() -> None:
    run = run_of(3, 3, 4, 7, 20, 21)

    assert run.find([4, 20, 21]) == [
        Found(1, b"4", (("h", b"4"),)), Found(3, b"20", (("h", b"20"),)), Found(4, b"21", (("h", b"21"),))
    ]  # fmt: skip
    assert run.find([]) == []


def test_what_landed_is_sent_with_its_own_bytes_and_headers(warehouse: ClickHouse) -> None:
    publisher = NoPublisher()

    SidelineTopics(warehouse, publisher).send(run_of(0, 0, 1, 9), [Refusal(9, "wrong_type", "event is not text")])

    [message] = publisher.sent
    assert (message.topic, message.key, message.value) == ("t.sideline", b"t/0/0/9", b"9")
    headers = dict(message.headers)
    assert headers["h"] == b"9"
    assert headers["__connect.errors.exception.class.name"] == b"wrong_type"
    assert headers["__connect.errors.exception.message"] == b"event is not text"


def test_marks_follow_seldom_and_for_all_partitions_at_once(warehouse: ClickHouse) -> None:
    now = [0.0]
    sideline = SidelineTopics(warehouse, NoPublisher(), clock=lambda: now[0])
    seen = []
    for seconds, offset in ((0.0, 0), (MARK_SECONDS - 1, 1), (MARK_SECONDS, 2), (MARK_SECONDS + 1, 3)):
        now[0] = seconds
        sideline.send(run_of(offset, offset, offset + 10), [Refusal(offset, "wrong_type", "")])
        sideline.mark_if_due()
        seen.append(marked(warehouse))
    sideline.mark()

    assert seen == [0, 0, 2, 2]
    assert marked(warehouse) == 3
