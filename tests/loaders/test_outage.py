"""ClickHouse away while events go on coming. `make outage` does it for an hour."""

from pathlib import Path

from bench.loaders.outage import measure
from local.stack import Stack


def test_a_follower_waits_for_clickhouse_in_bounded_memory_and_then_lands_all(stack: Stack, tmp_path: Path) -> None:
    result = measure(stack, minutes=0.1, per_second=1000, around=0.02, log=tmp_path / "loader.log")

    assert list(result.complaints()) == []
    assert result.waiting_at_return > 3000
