"""The rules of `retention`, each by its name."""

import pytest

from tests.macros.rules.story import seen, told


def returned(*steps: object, **named: object) -> list[tuple[object, ...]]:
    """(cohort, offset, size, returned) of the cohorts that hold somebody."""
    cells = "cohort_start period_number cohort_size returned"
    return told("retention", *steps, cells=cells, where_rows=lambda row: int(row["cohort_size"]) > 0, **named)


def test_a_first_time_cohort_is_the_period_of_the_first_match_ever() -> None:
    seen("ann a 4 10:00", "ann a 5 10:00", "bob a 5 10:00", "bob x 6 10:00")
    assert returned("a", "a", periods=1, start="2026-01-05") == [("2026-01-05", 0, 1, 1)]


def test_first_ever_is_the_first_event_of_the_name_which_must_also_match() -> None:
    seen("ann a 5 10:00 plan=free", "ann a 6 10:00 plan=pro", "bob a 6 10:00 plan=pro")
    pro = {"event": "a", "where": "properties.plan = 'pro'"}
    assert returned(pro, "a", periods=1) == [("2026-01-06", 0, 2, 2)]
    assert returned(pro, "a", periods=1, cohort="first_ever") == [("2026-01-06", 0, 1, 1)]


def test_recurring_puts_an_actor_into_every_period_with_a_match() -> None:
    seen("ann a 5 10:00", "ann a 5 11:00", "ann a 6 10:00")
    assert returned("a", "a", periods=2, cohort="recurring") == [
        ("2026-01-05", 0, 1, 1), ("2026-01-05", 1, 1, 1), ("2026-01-06", 0, 1, 1), ("2026-01-06", 1, 1, 0),
    ]  # fmt: skip


def test_the_range_bounds_cohorts_and_returns_count_to_the_datas_end() -> None:
    seen("ann a 5 10:00", "ann b 7 10:00")
    assert returned("a", "b", periods=3, end="2026-01-06")[2] == ("2026-01-05", 2, 1, 1)


@pytest.mark.parametrize(
    ("kind", "shares"),
    [
        pytest.param("on", [1, 1, 0, 1], id="on - in that period"),
        pytest.param("on_or_after", [1, 1, 1, 1], id="on_or_after - in that or any later one"),
        pytest.param("on_or_before", [1, 1, 1, 1], id="on_or_before - in any from 1 to it"),
        pytest.param("streak", [1, 1, 0, 0], id="streak - in every one up to it"),
    ],
)
def test_a_kind_says_which_returns_count(kind: str, shares: list[int]) -> None:
    seen("ann a 5 10:00", "ann a 6 10:00", "ann a 8 10:00")
    assert [count for *_, count in returned("a", "a", periods=4, kind=kind)] == shares


def test_offset_0_is_the_cohort_itself() -> None:
    seen("ann a 5 10:00")
    assert returned("a", "never", periods=1) == [("2026-01-05", 0, 1, 1)]


def test_min_occurrences_are_returns_within_one_period() -> None:
    seen("ann a 5 10:00", "ann b 6 10:00", "ann b 7 10:00", "ann b 7 11:00")
    assert [count for *_, count in returned("a", "b", periods=3, min_occurrences=2)] == [1, 0, 1]


def test_rolling_periods_run_from_the_actors_own_event() -> None:
    seen("ann a 5 10:00", "ann b 6 09:59", "bob a 5 10:00", "bob b 6 10:00")
    assert [count for *_, count in returned("a", "b", periods=2, measure="rolling")] == [2, 1]
    assert [count for *_, count in returned("a", "b", periods=2)] == [2, 2]


def test_rolling_and_recurring_run_from_the_first_target_of_each_calendar_period() -> None:
    seen("ann a 5 10:00", "ann a 5 23:00", "ann b 6 10:00")
    found = returned("a", "b", periods=2, measure="rolling", cohort="recurring")
    assert found == [("2026-01-05", 0, 1, 1), ("2026-01-05", 1, 1, 1)]


def test_a_bracket_counts_a_return_in_any_of_its_periods() -> None:
    seen("ann a 5 10:00", "ann b 7 10:00", "bob a 5 10:00", "bob b 9 10:00")
    assert [count for *_, count in returned("a", "b", brackets=[[1, 2], [3, 4]])] == [2, 1, 1]


def test_a_cell_is_complete_when_the_period_of_the_cohorts_last_actor_had_ended() -> None:
    seen("ann a 5 10:00", "ann b 7 00:00")
    found = told("retention", "a", "b", periods=3, cells="period_number is_complete", end="2026-01-06")
    assert found == [(0, True), (1, True), (2, False)]


def test_each_breakdown_value_is_a_stream_of_its_own() -> None:
    seen("ann a 5 10:00 hue=red", "ann b 6 10:00 hue=blue")
    found = told("retention", "a", "b", periods=2, breakdown="properties.hue", cells="breakdown period_number returned",
                 where_rows=lambda row: int(row["cohort_size"]) > 0)  # fmt: skip
    assert found == [("red", 0, 1), ("red", 1, 0)]


def test_the_share_of_nobody_is_null() -> None:
    seen("ann a 5 10:00", "bob x 6 10:00")
    found = told("retention", "a", "a", periods=1, cells="cohort_start retention")
    assert found == [("2026-01-05", 1), ("2026-01-06", None)]
