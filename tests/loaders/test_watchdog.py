"""When a partition is called stalled."""

import pytest

from loaders.records import Partition
from loaders.watchdog import Watchdog

QUIET, STUCK = Partition("t", 0), Partition("t", 1)


def findings(*looks: tuple[float, int, int]) -> list[list[str]]:
    """What is said at each look: (time, position, end of the log)."""
    now = 0.0
    watchdog = Watchdog(60, clock=lambda: now)
    said = []
    for now, position, end in looks:  # noqa: B007 (the clock reads it)
        said.append(watchdog.observe({STUCK: position, QUIET: 7}, {STUCK: end, QUIET: 7}))
    return said


@pytest.mark.parametrize(
    ("looks", "is_stalled"),
    [
        pytest.param([(0, 5, 10), (60, 5, 20)], True, id="stands still for long enough while its lag grows"),
        pytest.param([(0, 5, 10), (59, 5, 20)], False, id="not for long enough"),
        pytest.param([(0, 5, 10), (60, 5, 10)], False, id="nothing was written since"),
        pytest.param([(0, 5, 10), (60, 6, 20)], False, id="moves, if slowly"),
        pytest.param([(0, 5, 5), (59, 5, 5), (60, 5, 9)], False, id="was at the end until just now"),
        pytest.param([(0, 5, 5), (59, 5, 5), (118, 5, 8), (119, 5, 9)], True, id="was at the end, and never woke up"),
        pytest.param([(0, 5, 10), (30, 6, 20), (89, 6, 30)], False, id="the time counts from the last move"),
    ],
)
def test_a_partition_is_stalled_that(looks: list[tuple[float, int, int]], is_stalled: bool) -> None:
    *before, last = findings(*looks)

    assert not any(before)
    assert bool(last) == is_stalled


def test_what_is_said_names_the_partition_and_its_lag() -> None:
    assert findings((0, 5, 10), (60, 5, 2000))[-1] == [
        "t-1 has stood at offset 5 for 60 s while its lag grew from 5 to 1,995"
    ]


def test_a_pause_is_no_standing_still() -> None:
    now = 0.0
    watchdog = Watchdog(60, clock=lambda: now)
    watchdog.observe({STUCK: 5}, {STUCK: 10})
    watchdog.forget()
    now = 60.0

    assert watchdog.observe({STUCK: 5}, {STUCK: 20}) == []
