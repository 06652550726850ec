"""The rules of `trends`, `cohort` and of the arguments that all macros share, each by its name."""

from tests.macros.harness import execute
from tests.macros.rules.story import MACROS, seen, told


def values(measure: str, event: object = "a", **named: object) -> list[tuple[object, ...]]:
    return told("trends", event, measure=measure, cells="period_start value", **named)


def test_missing_periods_are_0_for_counts_and_sums_and_null_for_the_others() -> None:
    seen("ann a 1 10:00 price=3", "ann b 2 10:00")
    assert values("total") == values("persons") == [("2026-01-01", 1), ("2026-01-02", 0)]
    assert values("sum(number(properties.price))") == [("2026-01-01", 3), ("2026-01-02", 0)]
    assert values("avg(number(properties.price))") == [("2026-01-01", 3), ("2026-01-02", None)]


def test_per_person_is_the_events_of_somebody_by_persons() -> None:
    seen("ann a 1 10:00", "ann a 1 11:00", "bob a 1 10:00", "- a 1 10:00")
    assert values("per_person") == [("2026-01-01", 1.5)]
    assert values("total") == [("2026-01-01", 4)]


def test_quantiles_interpolate_linearly() -> None:
    seen("ann a 1 10:00 price=1", "ann a 1 11:00 price=2")
    assert values("median(number(properties.price))") == [("2026-01-01", 1.5)]
    assert values("p90(number(properties.price))") == [("2026-01-01", 1.9)]


def test_sessions_are_counted_once() -> None:
    seen("ann a 1 10:00 session=s", "ann a 1 11:00 session=s", "ann a 1 12:00")
    assert values("sessions") == [("2026-01-01", 1)]


def test_a_range_is_half_open_and_read_in_the_time_zone() -> None:
    seen("ann a 1 22:59", "ann a 1 23:00", "ann a 2 22:59", "ann a 2 23:00")
    found = values("total", start="2026-01-02", end="2026-01-03", timezone="Europe/Berlin")
    assert found == [("2026-01-02", 2)]


def test_what_is_beyond_the_limit_is_computed_again_as_other() -> None:
    seen("ann a 10:00 hue=red", "bob a 10:00 hue=red", "ann a 10:01 hue=blue", "ann a 10:02 hue=green")
    found = told(
        "trends", "a", measure="persons", breakdown="properties.hue", breakdown_limit=1, cells="breakdown value"
    )
    assert found == [("other", 1), ("red", 2)]


def test_of_equally_large_values_the_smaller_stays() -> None:
    seen("ann a 10:00 hue=red", "ann a 10:01 hue=blue")
    found = told("trends", "a", breakdown="properties.hue", breakdown_limit=1, cells="breakdown value")
    assert found == [("blue", 1), ("other", 1)]


def test_a_missing_breakdown_value_is_an_empty_text() -> None:
    seen("ann a 10:00")
    assert told("trends", "a", breakdown="properties.hue", cells="breakdown value") == [("", 1)]


def test_a_list_of_breakdowns_gives_its_values_too() -> None:
    seen("ann a 10:00 hue=red size=s,m")
    found = told("trends", "a", breakdown=["properties.hue", "properties.size"], cells="breakdown breakdown_values")
    assert found == [("red, s,m", ["red", "s,m"])]


def test_where_is_applied_to_all_events_but_not_to_the_datas_end() -> None:
    seen("ann a 1 10:00", "ann x 2 10:00")
    assert values("total", event="*", where="event = 'a'") == [("2026-01-01", 1), ("2026-01-02", 0)]


def test_any_event_is_a_star_alone() -> None:
    seen("ann a 1 10:00", "ann b 1 11:00")
    assert values("total", event={"event": "*"}) == [("2026-01-01", 2)]
    assert values("total", event=["*", "a"]) == [("2026-01-01", 1)]


def test_an_actor_may_be_any_expression_and_who_has_none_is_left_out() -> None:
    seen("ann a 1 10:00 account=x", "bob a 1 11:00 account=x", "cleo a 1 12:00")
    assert values("persons", actor="properties.account") == [("2026-01-01", 1)]


def test_a_property_is_text_or_a_number_whatever_its_type() -> None:
    seen("ann a 1 10:00 price=3.5", "bob a 1 11:00 price=cheap", "cleo a 1 12:00")
    assert values("sum(number(properties.price))") == [("2026-01-01", 3.5)]
    assert told("trends", "a", breakdown="properties.price", cells="breakdown") == ["", "3.5", "cheap"]


def test_a_member_enters_a_cohort_with_the_event_that_it_takes() -> None:
    seen("ann a 1 10:00", "ann a 2 10:00", "bob a 3 10:00")
    assert told("cohort", "some", "a", cells="actor entered_at")[0] == ("ann", "2026-01-01 10:00:00.000")
    often = told("cohort", "some", {"event": "a", "at_least": 2}, cells="actor entered_at")
    assert often == [("ann", "2026-01-02 10:00:00.000")]


def test_a_cohort_as_of_a_time_knows_nothing_later() -> None:
    seen("ann a 1 10:00", "bob a 3 10:00")
    assert told("cohort", "some", "a", cells="actor", as_of="2026-01-02") == ["ann"]


def test_a_cohort_stands_in_any_condition() -> None:
    seen("ann a 1 10:00", "ann b 1 11:00", "bob b 1 11:00")
    execute("drop table if exists cohort_doers")
    execute(f"create table cohort_doers engine = Memory as select * from {MACROS.call('cohort', 'doers', 'a')}")
    assert values("persons", event="b", where="in_cohort('doers')") == [("2026-01-01", 1)]
