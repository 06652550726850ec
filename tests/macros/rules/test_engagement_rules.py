"""The rules of `active_users`, `lifecycle` and `stickiness`, each by its name."""

from tests.macros.rules.story import seen, told


def statuses(**named: object) -> list[tuple[object, ...]]:
    return told(
        "lifecycle", cells="period_start status persons", where_rows=lambda row: int(row["persons"]) > 0, **named
    )


def test_a_window_is_the_n_days_that_end_with_the_rows_period() -> None:
    seen("ann a 1 10:00", "bob a 7 10:00", "cleo a 8 10:00")
    found = told("active_users", cells="period_start dau wau active_2d", windows=[1, 7, 2], start="2026-01-07")
    assert found == [("2026-01-07", 1, 2, 1), ("2026-01-08", 1, 2, 2)]


def test_stickiness_is_dau_by_mau() -> None:
    seen("ann a 1 10:00", "ann a 2 10:00", "bob a 1 10:00")
    assert told("active_users", cells="period_start stickiness") == [("2026-01-01", 1), ("2026-01-02", 0.5)]


def test_a_merged_person_is_counted_once_and_a_handed_over_device_twice() -> None:
    seen("ann a 1 10:00 identifier=phone", "ann a 1 11:00 identifier=laptop")
    assert told("active_users", cells="dau") == [1]
    seen("ann a 1 10:00 identifier=tablet", "bob a 1 11:00 identifier=tablet")
    assert told("active_users", cells="dau") == [2]


def test_whoever_has_no_actor_is_left_out() -> None:
    seen("- a 1 10:00", "ann a 1 10:00")
    assert told("active_users", cells="dau") == [1]


def test_a_day_is_a_local_date() -> None:
    seen("ann a 1 23:30", "bob a 2 10:00")
    assert told("active_users", cells="period_start dau", timezone="Europe/Berlin") == [("2026-01-02", 2)]


def test_new_is_the_first_ever_match_also_before_the_range() -> None:
    seen("ann a 1 10:00", "ann a 2 10:00", "bob a 2 10:00")
    assert statuses(start="2026-01-02") == [("2026-01-02", "new", 1), ("2026-01-02", "returning", 1)]


def test_returning_was_active_the_period_before_and_resurrecting_earlier() -> None:
    seen("ann a 1 10:00", "ann a 2 10:00", "ann a 4 10:00")
    assert statuses() == [
        ("2026-01-01", "new", 1), ("2026-01-02", "returning", 1), ("2026-01-03", "dormant", 1),
        ("2026-01-04", "resurrecting", 1),
    ]  # fmt: skip


def test_dormant_was_active_the_period_before_and_is_not_now() -> None:
    seen("ann a 1 10:00", "bob a 3 10:00")
    assert statuses(start="2026-01-02") == [("2026-01-02", "dormant", 1), ("2026-01-03", "new", 1)]


def test_with_a_breakdown_each_value_is_a_stream_of_its_own() -> None:
    seen("ann a 1 10:00 hue=red", "ann a 2 10:00 hue=blue")
    found = told("lifecycle", breakdown="properties.hue", cells="breakdown period_start status",
                 where_rows=lambda row: int(row["persons"]) > 0)  # fmt: skip
    assert found == [("blue", "2026-01-02", "new"), ("red", "2026-01-01", "new"), ("red", "2026-01-02", "dormant")]


def test_lifecycle_of_an_event_sees_no_other() -> None:
    seen("ann a 1 10:00", "ann b 2 10:00")
    assert statuses(event="b") == [("2026-01-02", "new", 1)]


def test_stickiness_counts_exactly_so_many_periods() -> None:
    seen("ann a 1 10:00", "ann a 2 10:00", "bob a 2 10:00")
    assert told("stickiness", cells="active_periods persons") == [(1, 1), (2, 1)]


def test_cumulative_counts_at_least_so_many_periods() -> None:
    seen("ann a 1 10:00", "ann a 2 10:00", "bob a 2 10:00")
    assert told("stickiness", cells="active_periods persons", cumulative=True) == [(1, 2), (2, 1)]


def test_a_period_counts_from_min_events_on() -> None:
    seen("ann a 1 10:00", "ann a 1 11:00", "ann a 2 10:00")
    assert told("stickiness", cells="active_periods persons", min_events=2) == [(1, 1), (2, 0)]


def test_stickiness_knows_no_history_before_the_range() -> None:
    seen("ann a 1 10:00", "ann a 2 10:00")
    assert told("stickiness", cells="active_periods persons", start="2026-01-02") == [(1, 1)]
