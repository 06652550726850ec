"""A dataset of the demo: complete or not there, and never mixed with another."""

from pathlib import Path

import pytest

from local.demo.dataset import SHOP, SIMULATED, DatasetError, Size

SIZE = Size(people=10, days=2, seed=3)


@pytest.fixture(autouse=True)
def _local_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THROUGHLINE_LOCAL_DIR", str(tmp_path))


def finish() -> None:
    SIMULATED.unfinished.mkdir(parents=True)
    SIMULATED.finish(SIZE)


def test_what_a_killed_simulation_left_is_thrown_away() -> None:
    SIMULATED.unfinished.mkdir(parents=True)
    assert not SIMULATED.is_complete(SIZE)
    assert not SIMULATED.unfinished.exists()


def test_a_finished_simulation_is_used_again() -> None:
    finish()
    assert SIMULATED.is_complete(SIZE)


def test_another_size_is_refused_in_words() -> None:
    finish()
    with pytest.raises(DatasetError, match=r"10 people over 2 days with seed 3, not of 10 people .* seed 4"):
        SIMULATED.is_complete(Size(people=10, days=2, seed=4))


def test_a_damaged_simulation_is_told_in_words() -> None:
    finish()
    (SIMULATED.truth / "size.json").write_bytes(b"{")
    with pytest.raises(DatasetError, match=r"size\.json is missing or damaged: remove"):
        SIMULATED.is_complete(SIZE)


def test_datasets_share_nothing() -> None:
    mine, other = set(SIMULATED.environment.items()), set(SHOP.environment.items())
    assert not mine & other
    assert SIMULATED.environment.keys() == SHOP.environment.keys()
