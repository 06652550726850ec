"""Prints the kept results as the table of `docs/reliability.md`: `python -m tests.orchestration.chaos.table`."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.orchestration.chaos.run import read_results
from tests.orchestration.chaos.trial import Result


def lines(results: Iterable[Result]) -> Iterator[str]:
    """One row per seed."""
    yield "| seed | commit | killed | runs | slowest slot | rows compared | held |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        yield (
            f"| {result.seed} | {result.engine} | {_counted(result.kills)} | {_counted(result.runs)}"
            f" | {result.slowest_slot:.0f} s | {result.rows:,} | {'; '.join(result.violations) or 'yes'} |"
        )


def summary(results: Iterable[Result]) -> str:
    """The seeds, kills and runs in all."""
    kept = list(results)
    kills = sum((Counter(result.kills) for result in kept), Counter())
    runs = sum((Counter(result.runs) for result in kept), Counter())
    return (
        f"{kills.total()} kills in {len(kept)} seeds, {sum(not result.violations for result in kept)} held;"
        f" killed: {_counted(kills)}; runs: {_counted(runs)};"
        f" longest from a kill to the end of a run that was going on"
        f" {max((result.slowest_slot for result in kept), default=0):.0f} s"
    )


def _counted(counts: Counter[str] | dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(counts).most_common()) or "none"


if __name__ == "__main__":
    in_order = sorted(read_results().values(), key=lambda result: result.seed)
    print(summary(in_order), *lines(in_order), sep="\n")
