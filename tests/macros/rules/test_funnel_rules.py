"""The rules of `funnel`, each by its name."""

import pytest

from tests.macros.rules.story import entered, path, seen, told

AB = ["a", "b"]


def test_a_next_step_takes_the_earliest_unused_event() -> None:
    seen("ann a 10:00", "ann b 10:01", "ann b 10:02")
    assert path(AB) == [["e00", "e01"]]


def test_one_event_never_serves_two_steps() -> None:
    seen("ann a 10:00", "bob a 10:00", "bob a 10:01")
    assert entered(["a", "a"]) == [2, 1]


def test_the_window_is_inclusive() -> None:
    seen("ann a 10:00", "ann b 11:00", "bob a 10:00", "bob b 11:00:00.001")
    assert entered(AB, window="1 hour") == [2, 1]


def test_the_window_may_pass_the_end_of_the_range_and_a_start_may_not() -> None:
    seen("ann a 5 23:59", "ann b 6 00:01", "bob a 6 00:00", "bob b 6 00:01")
    assert entered(AB, start="2026-01-05", end="2026-01-06") == [1, 1]


def test_events_of_one_timestamp_may_serve_in_either_order() -> None:
    seen("ann b 10:00 id=1", "ann a 10:00 id=2")
    assert entered(AB) == [1, 1]
    assert entered(AB, ties="strict") == [1, 0]


def test_of_one_timestamp_as_many_steps_are_served_as_there_are_different_events() -> None:
    seen("ann a 10:00 kind=b id=1", "ann a 10:00 kind=c id=2", "bob a 10:00 kind=b id=3")
    of_kind = [{"event": "a", "where": f"properties.kind = '{kind}'"} for kind in ("b", "c")]
    assert entered([{"event": "a"}, of_kind[0]]) == [2, 1]
    assert entered(of_kind) == [2, 1]


def test_the_highest_level_is_reported_then_the_earliest_start_then_the_smallest_id() -> None:
    seen("ann a 10:00", "ann a 12:00", "ann b 12:30")
    assert path(AB, window="1 hour") == [["e01", "e02"]]
    seen("ann a 10:00", "ann a 10:10", "ann b 10:30")
    assert path(AB, window="1 hour") == [["e00", "e02"]]
    seen("ann a 10:00 id=y", "ann a 10:00 id=x", "ann b 10:30 id=z")
    assert path(AB, window="1 hour") == [["x", "z"]]


def test_entry_first_looks_at_the_first_attempt_only() -> None:
    seen("ann a 10:00", "ann a 12:00", "ann b 12:30")
    assert entered(AB, window="1 hour", entry="first") == [1, 0]


def test_order_strict_wants_consecutive_events_after_where() -> None:
    seen("ann a 10:00", "ann x 10:01", "ann b 10:02")
    assert entered(AB, order="strict") == [1, 0]
    assert entered(AB, order="strict", where="event != 'x'") == [1, 1]


def test_order_any_counts_different_steps_served_by_different_events() -> None:
    seen("ann b 10:00", "ann a 10:01", "bob a 10:00", "bob a 10:01", "cleo c 10:00", "cleo a 12:00")
    assert entered(["a", "b", "c"], order="any", window="1 hour") == [3, 1, 0]


def test_an_excluded_event_strictly_between_two_steps_makes_the_attempt_void() -> None:
    seen("ann a 10:00", "ann x 10:01", "ann b 10:02", "bob a 10:00", "bob x 10:00", "bob b 10:02")
    assert entered(AB, exclude=[{"event": "x"}]) == [1, 1]


def test_an_excluded_event_after_the_last_step_reached_makes_it_void_within_the_window_only() -> None:
    seen("ann a 10:00", "ann x 10:30", "bob a 10:00", "bob x 11:01")
    assert entered(AB, window="1 hour", exclude=[{"event": "x"}]) == [1, 0]


def test_another_start_of_the_actor_may_be_clean() -> None:
    seen("ann a 10:00", "ann x 10:01", "ann a 10:02", "ann b 10:03")
    assert path(AB, exclude=[{"event": "x"}]) == [["e02", "e03"]]


def test_exclusion_stop_keeps_the_steps_before_the_excluded_event() -> None:
    seen("ann a 10:00", "ann b 10:01", "ann x 10:02", "ann c 10:03")
    assert entered(["a", "b", "c"], exclude=[{"event": "x"}], exclusion="stop") == [1, 1, 0]


def test_an_exclusion_between_two_steps_does_not_look_elsewhere() -> None:
    seen("ann a 10:00", "ann x 10:01", "ann b 10:02", "ann c 10:03")
    later = [{"event": "x", "from_step": 2, "to_step": 3}]
    assert entered(["a", "b", "c"], exclude=later) == [1, 1, 1]


def test_an_optional_step_never_holds_anybody_back() -> None:
    seen("ann a 10:00", "ann o 10:01", "ann b 10:02", "bob a 10:00", "bob b 10:02")
    assert entered(["a", "o", "b"], optional=[2]) == [2, 1, 2]


def test_held_properties_let_an_attempt_see_events_of_its_starts_values_only() -> None:
    seen("ann a 10:00 cart=1", "ann b 10:01 cart=2", "bob a 10:00 cart=1", "bob b 10:01 cart=1")
    assert entered(AB, hold_constant=["properties.cart"]) == [2, 1]


def test_a_start_with_a_missing_held_value_makes_no_attempt() -> None:
    seen("ann a 10:00", "ann b 10:01", "bob a 10:00 cart=1")
    assert entered(AB, hold_constant=["properties.cart"]) == [1, 0]


@pytest.mark.parametrize("entry", ["best", "first"])
@pytest.mark.parametrize("identifier", ["phone", "laptop"])
def test_of_starts_at_one_time_with_several_held_values_the_smallest_id_is_reported(
    entry: str, identifier: str
) -> None:
    seen(
        "ann a 10:00 cart=1 id=z1 identifier=phone",
        "ann b 10:01 cart=1 id=z2 identifier=phone",
        f"ann a 10:00 cart=2 id=a1 identifier={identifier}",
        f"ann b 10:05 cart=2 id=a2 identifier={identifier}",
    )
    asked = {"hold_constant": ["properties.cart"], "entry": entry}
    assert told("funnel_persons", AB, cells="event_ids", **asked) == [["a1", "a2"]]
    assert told("funnel", AB, cells="median_seconds_from_start", **asked) == [0, 300]


def test_sessions_are_counted_one_by_one_and_keep_to_themselves() -> None:
    seen(
        "ann a 10:00 session=s",
        "ann b 10:01 session=t",
        "ann a 10:02 session=t",
        "ann b 10:03 session=t",
        "ann a 11:00",
    )
    assert entered(AB, count="sessions") == [2, 1]


def test_totals_take_one_attempt_after_another() -> None:
    seen("ann a 10:00", "ann a 10:01", "ann b 10:02", "ann a 10:03", "ann a 12:00", "ann b 12:01")
    assert entered(AB, window="1 hour", count="totals") == [3, 2]


def test_first_and_last_touch_give_an_actor_one_value() -> None:
    seen("ann a 10:00 hue=red", "ann a 10:01", "ann b 10:02 hue=blue")
    touched = {touch: told("funnel", AB, breakdown="properties.hue", attribution=touch, cells="breakdown entered")
               for touch in ("first_touch", "last_touch")}  # fmt: skip
    assert touched == {"first_touch": [("red", 1)] * 2, "last_touch": [("blue", 1)] * 2}


def test_attribution_to_a_step_leaves_out_who_does_not_serve_it() -> None:
    seen("ann a 10:00 hue=red", "ann b 10:02 hue=blue", "bob a 10:00 hue=red")
    found = told("funnel", AB, breakdown="properties.hue", attribution="step_2", cells="breakdown step_number entered")
    assert found == [("blue", 1, 1), ("blue", 2, 1)]


def test_attribution_all_makes_each_value_a_funnel_of_its_own() -> None:
    seen("ann a 10:00 hue=red", "ann a 10:01 hue=blue", "ann b 10:02 hue=blue")
    found = told("funnel", AB, breakdown="properties.hue", attribution="all", cells="breakdown step_number entered")
    assert found == [("blue", 1, 1), ("blue", 2, 1), ("red", 1, 1), ("red", 2, 0)]


def test_incomplete_are_those_whose_window_is_open_at_the_datas_end() -> None:
    seen("ann a 5 10:00", "bob a 6 10:00", "cleo x 6 10:30")
    assert told("funnel", AB, window="1 hour", cells="step_number entered incomplete") == [(1, 2, 1), (2, 0, 0)]


def test_seconds_are_those_of_the_counted_paths() -> None:
    seen("ann a 10:00", "ann b 10:01", "bob a 10:00", "bob b 10:03")
    cells = "step_number median_seconds_from_previous p90_seconds_from_previous median_seconds_from_start"
    assert told("funnel", AB, cells=cells) == [(1, None, None, 0), (2, 120, 168, 120)]


def test_an_actor_never_spans_projects() -> None:
    seen("ann a 10:00 project=shop", "ann b 10:01 project=blog")
    assert told("funnel", AB, cells="project_id step_number entered") == [
        ("blog", 1, 0), ("blog", 2, 0), ("shop", 1, 1), ("shop", 2, 0),
    ]  # fmt: skip


def test_a_trend_is_the_funnel_by_the_period_of_step_1() -> None:
    seen("ann a 5 23:00", "ann b 6 01:00", "ann a 6 02:00")
    found = told("funnel_trend", AB, cells="period_start step_number entered")
    assert found == [("2026-01-05", 1, 1), ("2026-01-05", 2, 1), ("2026-01-06", 1, 1), ("2026-01-06", 2, 0)]


def test_first_time_keeps_only_the_actors_first_match_in_the_whole_relation() -> None:
    seen("ann a 4 10:00", "ann a 5 10:00", "bob a 5 10:00")
    assert entered([{"event": "a", "first_time": True}], start="2026-01-05") == [1]


def test_a_persons_identifiers_are_one_actor_and_a_handed_over_one_is_two() -> None:
    seen("ann a 10:00 identifier=phone", "ann b 10:01 identifier=laptop")
    assert entered(AB) == [1, 1]
    seen("ann a 10:00 identifier=tablet", "bob b 10:01 identifier=tablet")
    assert entered(AB) == [1, 0]


def test_a_first_attempt_with_other_held_values_is_the_first_in_the_funnel_of_each_value() -> None:
    seen("ann a 10:00 cart=1", "ann b 10:01 cart=1 hue=red", "ann a 11:00 cart=2", "ann b 11:01 cart=2 hue=blue")
    asked = {"hold_constant": ["properties.cart"], "breakdown": "properties.hue", "attribution": "step_2"}
    assert told("funnel_persons", AB, cells="breakdown level", entry="first", **asked) == [("red", 2)]
    assert told("funnel_persons", AB, cells="breakdown level", **asked) == [("blue", 2), ("red", 2)]
    assert told("funnel_persons", AB, cells="breakdown level", window="2 hours", count="totals", **asked) == [
        ("red", 2)
    ]
