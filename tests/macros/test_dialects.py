"""The examples that other tools publish about their funnels come out as they say, by the dialect of their name."""

from typing import Any

from tests.macros.harness import Macros, create_events, query

MACROS = Macros()


def happened(*events: tuple[str, str], **properties: list[str]) -> None:
    """One person's events, as (name, time)."""
    create_events(
        {
            "event_id": str(number),
            "event": event,
            "occurred_at": at,
            "person_id": "x",
            "properties": {name: values[number] for name, values in properties.items()},
        }
        for number, (event, at) in enumerate(events)
    )


def entered(steps: list[Any], **arguments: Any) -> list[int]:
    rows = query(MACROS.call("funnel", steps, **arguments))
    return [int(row["entered"]) for row in sorted(rows, key=lambda row: row["step_number"])]


def test_mixpanel_does_not_restart_the_window_at_a_later_first_step() -> None:
    """docs.mixpanel.com, Funnels Advanced Concepts, Conversion Window and Optimized Re-entry."""
    happened(
        ("A", "2026-01-01 13:00:00"), ("A", "2026-01-01 13:30:00"), ("B", "2026-01-01 13:45:00"),
        ("C", "2026-01-01 14:15:00"),
    )  # fmt: skip
    assert entered(["A", "B", "C"], window="1 hour", dialect="mixpanel") == [1, 1, 0]
    assert entered(["A", "B", "C"], window="1 hour", dialect="mixpanel", entry="best") == [1, 1, 1]


def test_mixpanel_lets_a_step_be_done_early_and_again_in_time() -> None:
    """docs.mixpanel.com, Funnels Advanced Concepts, Specific Order."""
    happened(*((event, f"2026-01-01 10:00:0{number}") for number, event in enumerate("ABDCDE")))
    assert entered(list("ABCDE"), dialect="mixpanel") == [1, 1, 1, 1, 1]
    happened(*((event, f"2026-01-01 10:00:0{number}") for number, event in enumerate("ABCE")))
    assert entered(list("ABCDE"), dialect="mixpanel") == [1, 1, 1, 0, 0]


def test_mixpanel_counts_each_step_until_the_excluded_event() -> None:
    """docs.mixpanel.com, Funnels Advanced Concepts, Exclusion Steps, note 2."""
    happened(*((event, f"2026-01-01 10:00:0{number}") for number, event in enumerate(["view", "add", "add", "buy"])))
    again = [{"event": "add", "from_step": 2, "to_step": 3}]
    assert entered(["view", "add", "buy"], exclude=again, dialect="mixpanel") == [1, 1, 0]


def test_mixpanel_totals_count_every_conversion() -> None:
    """help.mixpanel.com, Funnels: Totals count again after converting, and after the window."""
    days = [("A", "01"), ("B", "02"), ("A", "03"), ("B", "04"), ("A", "20")]
    happened(*((event, f"2026-01-{day} 10:00:00") for event, day in days))
    assert entered(["A", "B"], count="totals", dialect="mixpanel") == [3, 2]
    assert entered(["A", "B"], count="totals", dialect="mixpanel", entry="first") == [1, 1]
    assert entered(["A", "B"], dialect="mixpanel") == [1, 1]


def test_amplitude_shows_a_person_once_for_each_day_on_which_they_entered() -> None:
    """amplitude.com/docs, Funnel Analysis FAQ, conversion over time."""
    days = [("1", "01"), ("2", "02"), ("1", "05"), ("2", "06"), ("1", "20")]
    happened(*((step, f"2026-01-{day} 10:00:00") for step, day in days))
    assert entered(["1", "2"], dialect="amplitude") == [1, 1]
    rows = query(MACROS.call("funnel_trend", ["1", "2"], dialect="amplitude"))
    converted = {row["period_start"]: row["converted_from_start"] for row in rows if row["step_number"] == 2}
    shown = {day: share for day, share in converted.items() if share is not None}
    assert shown == {"2026-01-01": 1, "2026-01-05": 1, "2026-01-20": 0}


def test_amplitude_counts_one_conversion_of_many_first_steps() -> None:
    """amplitude.com/docs, How Amplitude computes funnels."""
    found = [("search", f"2026-01-01 10:00:0{number}") for number in range(4)]
    happened(*found, ("add to cart", "2026-01-01 10:00:05"))
    assert entered(["search", "add to cart"], dialect="amplitude") == [1, 1]


def test_amplitude_takes_events_of_one_second_in_either_order() -> None:
    """amplitude.com/docs, How Amplitude handles simultaneous events, with times cut to seconds."""
    happened(("B", "2026-01-01 10:00:00.100"), ("A", "2026-01-01 10:00:00.900"))
    in_seconds = (
        "(select * replace (toDateTime64(toStartOfSecond(occurred_at), 3, 'UTC') as occurred_at) from fct_events)"
    )
    assert entered(["A", "B"], dialect="amplitude") == [1, 0]
    assert entered(["A", "B"], dialect="amplitude", events=in_seconds) == [1, 1]


def test_posthog_attributes_as_its_page_says() -> None:
    """posthog.com/docs/product-analytics/funnels, Attribution types."""
    steps = ["$pageview", "user signed up", "user posted"]
    seen = ["$pageview", "$pageview", "user signed up", "user posted", "user posted"]
    happened(
        *((event, f"2026-01-01 10:00:0{number}") for number, event in enumerate(seen)),
        browser=["Chrome", "Firefox", "Chrome", "Chrome", "Firefox"],
    )

    def by_browser(**arguments: Any) -> dict[str, list[int]]:
        rows = query(MACROS.call("funnel", steps, breakdown="properties.browser", dialect="posthog", **arguments))
        found: dict[str, list[int]] = {}
        for row in sorted(rows, key=lambda row: row["step_number"]):
            found.setdefault(row["breakdown"], []).append(int(row["entered"]))
        return found

    assert by_browser() == {"Chrome": [1, 1, 1]}
    assert by_browser(attribution="last_touch") == {"Firefox": [1, 1, 1]}
    assert by_browser(attribution="all") == {"Chrome": [1, 1, 1], "Firefox": [1, 0, 0]}
    assert by_browser(attribution="step_1") == {"Chrome": [1, 1, 1], "Firefox": [1, 1, 1]}


def test_posthog_wants_a_click_for_each_step_of_one_name() -> None:
    """posthog.com/docs/product-analytics/funnels, Duplicate steps."""
    steps = ["clicked button", {"event": "clicked button", "where": "properties.button = 'Sign Up'"}]
    happened(("clicked button", "2026-01-01 10:00:00"), button=["Sign Up"])
    assert entered(steps, dialect="posthog") == [1, 0]
    happened(
        ("clicked button", "2026-01-01 10:00:00"), ("clicked button", "2026-01-01 10:00:01"), button=["Home", "Sign Up"]
    )
    assert entered(steps, dialect="posthog") == [1, 1]
