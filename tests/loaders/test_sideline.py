"""The sideline: what becomes of unusable records."""

import pytest

from loaders import replay
from loaders.check import CHECK_VERSION
from loaders.errors import FencedError, ThroughlineError
from loaders.records import Partition
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.sideline import DUE, Selection, discard, retry_pending, show, summarize
from loaders.streams import Stream
from loaders.warehouse import ClickHouse
from tests.support.topics import create, event, produce

DUE_WITHOUT_PAUSES = DUE.replace("toUInt32(pow(4, attempts))", "0")
LONG = event(1, properties={"note": "x" * 400})


@pytest.fixture
def sidelined(own: Settings, warehouse: ClickHouse) -> Settings:
    """A topic of six records, of which three are unusable: no JSON, too large, invalid UTF-8. Loaded."""
    narrow = own.model_copy(update={"throughline_max_record_bytes": 300})
    topic = own.throughline_topics_events
    create(own, topic)
    broken = event(4, properties={"city": "K?ln"}).replace(b"?", b"\xf6")
    produce(own, topic, [event(0), LONG, event(2), b"no json", broken, event(5)], key=b"k", headers=[("h", b"v")])
    assert load_until_caught_up(narrow).sidelined == 3
    return narrow


def states(warehouse: ClickHouse) -> dict[int, str]:
    return dict(warehouse.rows(f"select offset, state from {warehouse.database}.sideline"))


def replayed(warehouse: ClickHouse) -> list[tuple[int, int, str]]:
    rows = warehouse.rows(
        f"select offset, replay_seq, fix from {warehouse.database}.events where lane = 'replay' order by replay_seq"
    )
    return [tuple(row) for row in rows]


def test_a_record_that_became_usable_lands_once_as_it_came(sidelined: Settings, warehouse: ClickHouse) -> None:
    wider = sidelined.model_copy(update={"throughline_max_record_bytes": 1000})

    first = retry_pending(wider, only_due=False)
    second = retry_pending(wider, only_due=False)

    assert (first.tried, first.replayed, first.refused) == (3, 1, 2)
    assert (second.tried, second.replayed) == (2, 0)
    assert replayed(warehouse) == [(1, 1, "")]
    assert states(warehouse) == {1: "replayed", 3: "pending", 4: "pending"}
    [[payload, key, headers, error_class]] = warehouse.rows(
        "select payload, key, arrayMap(h -> (h.name, h.value), headers), error_class"
        f" from {warehouse.database}.events where lane = 'replay'"
    )
    assert (payload.encode(), key, headers, error_class) == (LONG, "k", [("h", "v")], "")


def test_a_fix_lands_the_mended_bytes_and_keeps_the_original(sidelined: Settings, warehouse: ClickHouse) -> None:
    summary = retry_pending(sidelined, Selection(offset=4), fix="invalid_utf8")

    assert summary.replayed == 1
    assert replayed(warehouse) == [(4, 1, "invalid_utf8")]
    [[mended]] = warehouse.rows(f"select payload from {warehouse.database}.events where lane = 'replay'")
    assert "K\ufffdln" in mended
    [[original]] = warehouse.rows(
        f"select hex(payload) from {warehouse.database}.events where lane = 'live' and offset = 4"
    )
    assert b"K\xf6ln" in bytes.fromhex(original)


def test_a_fix_mends_a_thousand_records_and_a_large_one(own: Settings, warehouse: ClickHouse) -> None:
    topic = f"{own.throughline_topics_events}-{'x' * 200}"
    create(own, topic)
    payloads = [event(number, properties={"note": "x" * 400, "city": "K?ln"}) for number in range(1000)]
    payloads.append(event(1000, properties={"note": "x" * 200_000, "city": "K?ln"}))
    produce(own, topic, [payload.replace(b"?", b"\xf6") for payload in payloads])
    lenient = {"throughline_breaker_share": 1.0, "throughline_breaker_run": 2000}
    unbroken = own.model_copy(update={**lenient, "throughline_topics_events": topic})
    assert load_until_caught_up(unbroken).sidelined == 1001

    assert retry_pending(unbroken, only_due=False).refused == 1001
    assert retry_pending(unbroken, fix="invalid_utf8").replayed == 1001


def test_replays_are_numbered_one_after_the_other(sidelined: Settings, warehouse: ClickHouse) -> None:
    retry_pending(sidelined, fix="invalid_utf8")
    retry_pending(sidelined.model_copy(update={"throughline_max_record_bytes": 1000}), only_due=False)

    assert [seq for _, seq, _ in replayed(warehouse)] == [1, 2]


def test_an_unknown_fix_is_named_in_the_error(sidelined: Settings) -> None:
    with pytest.raises(ThroughlineError, match="there is no fix magic"):
        retry_pending(sidelined, fix="magic")


def test_a_discarded_record_is_left_alone_and_keeps_the_reason(sidelined: Settings, warehouse: ClickHouse) -> None:
    assert discard(warehouse, Selection(error_class="too_large"), reason="a load test") == 1

    summary = retry_pending(sidelined.model_copy(update={"throughline_max_record_bytes": 1000}), only_due=False)

    assert (summary.tried, summary.replayed) == (2, 0)
    assert states(warehouse)[1] == "discarded"
    [record] = show(warehouse, Selection(state="discarded"), limit=5)
    assert (record["reason"], record["payload"]) == ("a load test", LONG)


@pytest.fixture
def dead(sidelined: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same, and the schedule has given all three up, at its second attempt."""
    monkeypatch.setattr(replay, "MAX_ATTEMPTS", 2)
    with monkeypatch.context() as without_pauses:
        without_pauses.setattr("loaders.sideline.DUE", DUE_WITHOUT_PAUSES)
        assert [retry_pending(sidelined).died for _ in range(2)] == [0, 3]
    assert set(states(warehouse).values()) == {"dead"}
    return sidelined


def test_the_schedule_leaves_the_dead_alone_until_the_check_is_a_newer_one(
    dead: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.sideline.DUE", DUE_WITHOUT_PAUSES)
    assert retry_pending(dead).tried == 0

    monkeypatch.setattr("loaders.sideline.DUE", DUE.replace(f"< {CHECK_VERSION}", f"< {CHECK_VERSION + 1}"))

    assert retry_pending(dead.model_copy(update={"throughline_max_record_bytes": 1000})).replayed == 1
    assert states(warehouse) == {1: "replayed", 3: "dead", 4: "dead"}


def test_a_person_may_still_retry_fix_and_discard_the_dead(dead: Settings, warehouse: ClickHouse) -> None:
    wider = dead.model_copy(update={"throughline_max_record_bytes": 1000})

    assert retry_pending(wider, Selection(offset=1), only_due=False).replayed == 1
    assert retry_pending(dead, Selection(offset=4), fix="invalid_utf8").replayed == 1
    assert discard(warehouse, Selection(), reason="no JSON") == 1
    assert states(warehouse) == {1: "replayed", 3: "discarded", 4: "replayed"}


def test_only_attempts_of_the_schedule_count(
    sidelined: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "MAX_ATTEMPTS", 1)

    assert retry_pending(sidelined, only_due=False).refused == 3
    assert retry_pending(sidelined, Selection(offset=3), fix="epoch_seconds").refused == 1

    assert set(states(warehouse).values()) == {"pending"}
    assert {record["attempts"] for record in show(warehouse, Selection(), limit=3)} == {0}
    # Nor do they put the next one off.
    [[put_off]] = warehouse.rows(f"select countIf(last_attempt_at > first_seen_at) from {warehouse.database}.sideline")
    assert put_off == 0


def test_a_record_is_due_only_after_its_pause_or_for_a_newer_check(
    sidelined: Settings, warehouse: ClickHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert retry_pending(sidelined).tried == 0

    monkeypatch.setattr("loaders.sideline.DUE", "check_version < 2")

    assert retry_pending(sidelined).tried == 3


@pytest.mark.parametrize(("attempts", "hours"), [(0, 1), (1, 4), (2, 16), (3, 64)])
def test_the_pause_before_the_next_attempt_grows(warehouse: ClickHouse, attempts: int, hours: int) -> None:
    def is_due(age: str) -> bool:
        [[due]] = warehouse.rows(
            f"select {DUE} from (select 'pending' as state, {CHECK_VERSION} as check_version, {attempts} as attempts,"
            f" now64(3) - interval {age} as last_attempt_at)"
        )
        return bool(due)

    assert not is_due(f"{hours * 60 - 1} minute")
    assert is_due(f"{hours * 60 + 1} minute")


def test_a_retry_that_was_overtaken_lands_nothing(sidelined: Settings, warehouse: ClickHouse) -> None:
    wider = sidelined.model_copy(update={"throughline_max_record_bytes": 1000})
    overtaken = replay.Replayer(warehouse, max_bytes=1000)
    take = overtaken.claims.take

    def take_and_be_overtaken(*arguments: object) -> None:
        take(*arguments)  # type: ignore[arg-type]
        assert retry_pending(wider, only_due=False).replayed == 1

    overtaken.claims = _Overtaken(overtaken.claims, take_and_be_overtaken)  # type: ignore[assignment]
    pending = replay.Pending(
        Stream.EVENTS, replay.Coordinates(Partition(sidelined.throughline_topics_events, 0), 0, 1), 10, 0
    )

    with pytest.raises(FencedError):
        overtaken.replay([pending])

    assert len(replayed(warehouse)) == 1


class _Overtaken:
    """Claims that another loader takes over right after they were made."""

    def __init__(self, claims: object, take: object) -> None:
        self._claims, self.take = claims, take

    def __getattr__(self, name: str) -> object:
        return getattr(self._claims, name)


def test_the_list_counts_by_reason(sidelined: Settings, warehouse: ClickHouse) -> None:
    rows = summarize(warehouse, Selection())

    assert sorted((row[1], row[2], row[3], row[4]) for row in rows) == [
        ("not_json_object", "not a JSON object", "pending", 2),
        ("too_large", "longer than 300 bytes", "pending", 1),
    ]
