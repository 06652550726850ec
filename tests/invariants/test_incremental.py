"""Incremental equals full refresh, over one seed; `make invariants` runs many more, `make kills` kills every model."""

from loaders.streams import Stream
from loaders.warehouse import ClickHouse
from tests.invariants.kills import kill_runs
from tests.invariants.trial import run_seed
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.record import DAY_MS, DAYS, START_MS, Record
from tests.invariants.world.world import make_world
from tests.support.judge import judge

SEED = 0


def test_records_that_land_in_batches_end_as_a_full_refresh_and_as_another_order_of_landing(
    warehouse: Warehouse,
) -> None:
    assert run_seed(warehouse, SEED, batches=4).violations == []


def test_runs_that_are_killed_and_started_again_end_as_a_full_refresh(warehouse: Warehouse) -> None:
    outcome = kill_runs(warehouse, SEED, kills=2)
    assert outcome.violations == []
    assert len(outcome.killed_at) == 2
    assert outcome.reads > 0


def test_the_loaders_take_and_refuse_what_a_world_says_they_do(warehouse: Warehouse) -> None:
    """So that the worlds are made of what can land."""
    checked = ClickHouse(warehouse.settings)
    for stream in Stream:
        records = _some(stream)
        payloads = [record.payload for record in records]
        verdicts = judge(checked, stream, payloads, kafka_ms=START_MS + 2 * DAYS * DAY_MS)
        assert [error for error, _ in verdicts] == [record.error_class for record in records]


def _some(stream: Stream) -> list[Record]:
    """Every unusable record of the stream, and as many others as one judgement bears."""
    records = [record for record in make_world(SEED).records if record.stream == stream]
    usable = [record for record in records if not record.error_class]
    return [record for record in records if record.error_class] + usable[:1000]
