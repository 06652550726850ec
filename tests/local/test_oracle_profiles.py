"""How a profile is folded."""

from itertools import permutations
from typing import Any

import pytest

from local.oracle.profiles import profile_of
from local.simulator.truth import TruePeopleMessage


def message(at: int, kind: str, **properties: Any) -> TruePeopleMessage:
    return TruePeopleMessage("default", f"message-{at}", kind, at, "ada", properties)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([message(1, "set", a=1), message(2, "set", a=2)], {"a": 2}, id="the last set wins"),
        pytest.param([message(1, "set", a=1), message(2, "set_once", a=2, b=3)], {"a": 1, "b": 3}, id="set_once fills"),
        pytest.param([message(1, "increment", a=2), message(2, "increment", a=3)], {"a": 5}, id="increments add up"),
        pytest.param(
            [message(1, "increment", a=1e308), message(2, "increment", a=1e308)],
            {"a": 1.7976931348623157e308},
            id="counts end at the largest number",
        ),
        pytest.param([message(1, "set", a="x"), message(2, "increment", a=3)], {"a": 3}, id="text counts as zero"),
        pytest.param([message(1, "set", a=1), message(2, "increment", a="x")], {"a": 1}, id="text adds nothing"),
        pytest.param([message(1, "set", a=1, b=2), message(2, "unset", a=None)], {"b": 2}, id="unset clears"),
        pytest.param([message(1, "set", a=1), message(2, "set", a=None)], {}, id="null is missing"),
        pytest.param(
            [message(1, "set", a=1), message(2, "delete"), message(3, "set", b=2)], {"b": 2}, id="delete clears all"
        ),
    ],
)
def test_a_profile_is_folded_in_the_order_of_time(messages: list[TruePeopleMessage], expected: dict[str, Any]) -> None:
    for order in permutations(messages):
        assert profile_of(order).properties == expected


def test_a_profile_is_deleted_until_something_is_set_again() -> None:
    assert profile_of([message(1, "set", a=1), message(2, "delete")]).is_deleted
    assert not profile_of([message(1, "delete"), message(2, "set", a=1)]).is_deleted
