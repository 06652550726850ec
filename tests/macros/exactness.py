"""Compares macros of behaviour with their oracles on many people, one combination of arguments after another.

`make exactness`, or

    .venv/bin/python -m tests.macros.exactness [people] [seed]

These are the tests of this folder that draw random people, with 10,000 instead of some hundred. Each outcome is a line
of `.exactness/<people>-<seed>.jsonl`; what held stands there and is not run again, so it can be stopped at any time. At
the end it prints the table that docs/exactness.md keeps, and exits 1 if something differed.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from loaders.settings import PROJECT_DIR

FOLDER = PROJECT_DIR / ".exactness"
PEOPLE = 10_000
MACROS = (
    "funnel",
    "retention",
    "active_users",
    "lifecycle",
    "stickiness",
    "trends",
    "paths",
    "cohort",
    "any_arguments",
    "any_behaviour",
)


@dataclass(frozen=True)
class Outcome:
    """What one comparison came to."""

    test: str
    outcome: str
    seconds: float


class Recorder:
    """A pytest plugin: leaves out what has held before, and writes down what ends."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.held = {one.test for one in read(file) if one.outcome == "passed"}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        waiting = [item for item in items if item.nodeid not in self.held]
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in self.held])
        items[:] = waiting

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome == "failed":
            outcome = Outcome(report.nodeid, report.outcome, round(report.duration, 2))
            with self.file.open("a") as lines:
                lines.write(json.dumps(asdict(outcome)) + "\n")


def read(file: Path) -> list[Outcome]:
    """The latest outcome of each test."""
    lines = file.read_text().splitlines() if file.exists() else []
    latest = {one.test: one for one in (Outcome(**json.loads(line)) for line in lines)}
    return list(latest.values())


def table(outcomes: Iterable[Outcome]) -> str:
    """Markdown, a row for each macro."""
    by_macro: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_macro[Path(one.test.split("::")[0]).stem.removeprefix("test_")].append(one)
    rows = [
        f"| `{macro}` | {len(found)} | {sum(one.outcome == 'passed' for one in found)} "
        f"| {sum(one.seconds for one in found):,.0f} |"
        for macro, found in sorted(by_macro.items())
    ]
    return "\n".join(["| macro | comparisons | equal | seconds |", "|---|---|---|---|", *rows])


def main(people: int = PEOPLE, seed: int = 0) -> int:
    """Run what has not held yet; how many comparisons differ."""
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{people}-{seed}.jsonl"
    os.environ.update(EXACTNESS_PEOPLE=str(people), EXACTNESS_SEED=str(seed))
    tests = [str(PROJECT_DIR / "tests" / "macros" / f"test_{macro}.py") for macro in MACROS]
    pytest.main(["-q", "--timeout=0", "-p", "no:cacheprovider", *tests], plugins=[Recorder(file)])
    outcomes = read(file)
    print(table(outcomes))
    return sum(one.outcome != "passed" for one in outcomes)


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:3])) else 0)
