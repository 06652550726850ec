"""Random faults by seed over real engines, and the checker that judges them. `make faults` runs many seeds."""

from pathlib import Path

import pytest

from loaders.failpoints import NAMES
from local.stack import Stack
from tests.loaders.faults.ledger import Place, Produced, Row, violations
from tests.loaders.faults.schedule import HEAVY, ON_LOADERS, ON_THE_WIRE, schedule
from tests.loaders.faults.trial import run_seed

# Few enough for every run of the tests: ClickHouse killed amid transactions, the broker restarted amid compaction, each
# with a loader killed at a failpoint. A loader that sleeps through its session has a test of its own.
SEEDS = (17, 18)

TRUTH = {Place("t", 0, offset): Produced(b"%d" % offset, is_usable=offset != 2) for offset in range(4)}
ROWS = [Row(place, record.value, record.is_usable, landed=5) for place, record in TRUTH.items()]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_faults_lose_double_and_invent_nothing(stack: Stack, seed: int, tmp_path: Path) -> None:
    result = run_seed(stack, seed, tmp_path)

    assert result.violations == ()
    assert result.produced > 100


def test_the_checker_finds_nothing_where_all_is_well() -> None:
    assert found(ROWS) == []


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        pytest.param(ROWS[:3], "1 records are lost", id="lost"),
        pytest.param([*ROWS, ROWS[1]], "1 rows stand twice", id="twice"),
        pytest.param([*ROWS, Row(Place("t", 0, 9), b"9", True, 5)], "was never produced", id="invented"),
        pytest.param([ROWS[0]._replace(value=b"x"), *ROWS[1:]], "landed with other bytes", id="other bytes"),
        pytest.param([*ROWS[:3], ROWS[3]._replace(landed=4)], "landed before", id="out of order"),
        pytest.param([*ROWS[:2], ROWS[2]._replace(is_usable=True), ROWS[3]], "against what it is", id="poison let in"),
    ],
)
def test_the_checker_finds(rows: list[Row], complaint: str) -> None:
    assert any(complaint in finding for finding in found(rows))


@pytest.mark.parametrize(
    ("sidelined", "announced"),
    [
        pytest.param([], [2], id="not in the sideline"),
        pytest.param([2, 2], [2], id="twice in the sideline"),
        pytest.param([2], [], id="not in the sideline topic"),
        pytest.param([2], [2, 3], id="a usable one in the sideline topic"),
    ],
)
def test_the_checker_finds_a_wrong_sideline(sidelined: list[int], announced: list[int]) -> None:
    places = [[Place("t", 0, offset) for offset in offsets] for offsets in (sidelined, announced)]
    assert list(violations(TRUTH, ROWS, *places))


def test_a_record_that_was_compacted_away_is_not_lost() -> None:
    superseded = {**TRUTH, Place("t", 0, 0): Produced(b"0", is_usable=True, is_superseded=True)}
    sideline = [Place("t", 0, 2)]
    assert not list(violations(superseded, ROWS[1:], sideline, sideline))


def test_a_seed_is_always_the_same_schedule_and_many_seeds_have_every_fault() -> None:
    plans = [schedule(seed) for seed in range(500)]
    assert plans == [schedule(seed) for seed in range(500)]
    deeds = {deed for plan in plans for deed in plan.deeds}
    assert deeds == {*ON_LOADERS, *ON_THE_WIRE, *HEAVY, "end a loader and start it again"}
    failpoints = {fault.detail.split(":")[0] for plan in plans for fault in plan.faults if fault.detail}
    assert failpoints == {*NAMES} - {"after_replay"}


def found(rows: list[Row]) -> list[str]:
    sideline = [Place("t", 0, 2)]
    return list(violations(TRUTH, rows, sideline, [*sideline, *sideline]))
