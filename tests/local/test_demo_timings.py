"""A rate counts what this run did, not what it found done."""

from rich.console import Console

from local.demo.already import less_before
from local.demo.stages import Timing
from local.demo.timings import timing_table


def rows(handled: dict[str, int], before: dict[str, int]) -> list[list[str]]:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(timing_table([Timing("Produce", 2.0), Timing("Build", 4.0)], less_before(handled, before)))
    return [line.split() for line in capture.get().splitlines() if line.strip().startswith(("Produce", "Build"))]


def test_a_first_run_is_rated_by_all_that_it_handled() -> None:
    assert rows({"Produce": 1000, "Build": 800}, {"Produce": 0}) == [
        ["Produce", "2.0", "1,000", "500"],
        ["Build", "4.0", "800", "200"],
    ]


def test_a_run_that_goes_on_is_rated_by_the_rest() -> None:
    assert rows({"Produce": 1000}, {"Produce": 400})[0] == ["Produce", "2.0", "600", "300"]


def test_a_stage_that_found_its_work_done_has_no_rate() -> None:
    assert rows({"Produce": 1000}, {"Produce": 1000})[0] == ["Produce", "2.0", "0"]
