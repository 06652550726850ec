"""Random faults by seed over real engines, and the checker that judges them. `make faults` runs many seeds."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from threading import Barrier
from typing import Any, get_args

import pytest

from loaders.failpoints import NAMES
from loaders.settings import KafkaClient
from local.stack import Stack
from tests.loaders.faults.ledger import Place, Produced, Row, violations
from tests.loaders.faults.recovery import Disturbance, Recovery, recoveries
from tests.loaders.faults.schedule import HEAVY, ON_LOADERS, ON_THE_WIRE, REBALANCE, schedule
from tests.loaders.faults.trial import Result, run_seed

# Side by side on one stack: each failpoint and each deed (ClickHouse is killed by one of them). A seed that restarts
# the broker takes its neighbours' time, so those run by `make faults` only.
SEEDS = (175, 368, 181, 76, 238, 466, 6, 289)
# How soon a partition landed again is judged by `make faults`: here other tests' engines share the machine.
ABOUT_TIME = "landed again"

TRUTH = {Place("t", 0, offset): Produced(b"%d" % offset, is_usable=offset != 2) for offset in range(4)}
ROWS = [Row(place, record.value, record.is_usable, landed=5) for place, record in TRUTH.items()]


def test_random_faults_lose_double_and_invent_nothing(stack: Stack, tmp_path: Path) -> None:
    engines: list[Disturbance] = []
    barrier = Barrier(len(SEEDS), timeout=300)

    def run(seed: int, client: KafkaClient) -> Result:
        (tmp_path / str(seed)).mkdir()
        try:
            return run_seed(
                stack, seed, tmp_path / str(seed), client=client, engines=engines, wait_for_others=barrier.wait
            )
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(len(SEEDS)) as threads:
        results = list(threads.map(run, SEEDS, cycle(get_args(KafkaClient))))

    wrong = {result.seed: [line for line in result.violations if ABOUT_TIME not in line] for result in results}
    assert wrong == {seed: [] for seed in SEEDS}
    assert min(result.produced for result in results) > 50


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
    assert deeds == {*ON_LOADERS, *ON_THE_WIRE, *HEAVY, REBALANCE}
    failpoints = {fault.detail.split(":")[0] for plan in plans for fault in plan.faults if fault.detail}
    assert failpoints == {*NAMES} - {"after_replay"}


KILLED = Disturbance("kill a loader", 10_000, 10_000)


@pytest.mark.parametrize(
    ("others", "landed", "seconds", "allowed", "is_alone"),
    [
        pytest.param([], 14_000, 4.0, 15.0, True, id="a loader that was killed"),
        pytest.param(
            [("stall the answer", 12_000, 15_000)], 26_000, 16.0, 20.0, False, id="a stall before it was back"
        ),
        pytest.param([("stall the answer", 60_000, 63_000)], 14_000, 4.0, 15.0, True, id="a stall long after"),
        pytest.param([("kill a loader", 8_000, 8_000)], 14_000, 4.0, 15.0, False, id="another one just before"),
    ],
)
def test_a_recovery_is_timed_from_the_fault_and_put_off_by_the_next_one(
    others: list[tuple[Any, int, int]], landed: int, seconds: float, allowed: float, is_alone: bool
) -> None:
    rows = [
        Row(Place("t", 0, 1), b"", True, landed=9_900, produced=9_000),
        Row(Place("t", 0, 2), b"", True, landed=landed, produced=9_950),
        Row(Place("t", 1, 1), b"", True, landed=10_100, produced=10_050),
    ]
    disturbances = [KILLED, *(Disturbance(*other) for other in others)]
    assert next(recoveries(disturbances, rows)) == Recovery("kill a loader", seconds, allowed, is_alone)


def test_a_recovery_is_timed_from_when_there_was_something_to_land() -> None:
    rows = [Row(Place("t", 0, 1), b"", True, landed=70_000, produced=69_000)]
    assert [recovery.seconds for recovery in recoveries([KILLED], rows)] == [1.0]


def found(rows: list[Row]) -> list[str]:
    sideline = [Place("t", 0, 2)]
    return list(violations(TRUTH, rows, sideline, [*sideline, *sideline]))
