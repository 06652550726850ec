"""How answers are compared: a difference must never pass as equal."""

import pytest

from local.oracle.comparison import different_cells, different_groups


def test_equal_cells_have_no_difference() -> None:
    assert different_cells({("a", 1): 2}, {("a", 1): 2}) == ()


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        pytest.param({}, "a / 1: expected 2, the warehouse has nothing", id="missing"),
        pytest.param({("a", 1): 3}, "a / 1: expected 2, the warehouse has 3", id="unequal"),
        pytest.param({("a", 1): 2, ("b",): 1}, "b: expected nothing, the warehouse has 1", id="too many"),
    ],
)
def test_each_way_to_differ_is_told(actual: dict[tuple[object, ...], int], said: str) -> None:
    assert different_cells({("a", 1): 2}, actual) == (said,)


def test_many_differences_are_counted() -> None:
    assert different_cells(dict.fromkeys(range(9), 0), {})[-1] == "and 4 more"


def test_groups_may_have_any_name() -> None:
    assert different_groups({1: "a", 2: "a", 3: "b", 4: ""}, {1: "x", 2: "x", 3: "y", 4: ""}) == ()


@pytest.mark.parametrize(
    "actual",
    [
        pytest.param({1: "x", 2: "y", 3: "z"}, id="a group is split"),
        pytest.param({1: "x", 2: "x", 3: "x"}, id="two groups are one"),
        pytest.param({1: "x", 2: "x"}, id="a member is missing"),
        pytest.param({1: "x", 2: "x", 3: "z", 4: "z"}, id="a member is too many"),
        pytest.param({1: "x", 2: "x", 3: ""}, id="a member is in no group"),
        pytest.param({1: "", 2: "", 3: "z"}, id="a group is no group"),
    ],
)
def test_other_groups_differ(actual: dict[int, str]) -> None:
    assert different_groups({1: "a", 2: "a", 3: "b"}, actual)
