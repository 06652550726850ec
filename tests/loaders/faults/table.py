"""Prints the kept results as the table of `docs/reliability.md`: `.venv/bin/python -m tests.loaders.faults.table`."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.loaders.faults.run import read_results
from tests.loaders.faults.trial import Result


def lines(results: Iterable[Result]) -> Iterator[str]:
    """One row per seed."""
    yield "| seed | loaders | faults | fired at | produced | unusable | compacted away | caught up after | held |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for result in results:
        yield (
            f"| {result.seed} | {result.members} | {_counted(result.deeds)} | {_counted(result.fired) or 'none'}"
            f" | {result.produced:,} | {result.sidelined:,} | {result.compacted:,} | {result.healed:.0f} s"
            f" | {'; '.join(result.violations) or 'yes'} |"
        )


def summary(results: Iterable[Result]) -> str:
    """The seeds, records and faults in all."""
    kept = list(results)
    deeds = Counter(deed for result in kept for deed in result.deeds)
    fired = Counter(name for result in kept for name in result.fired)
    return (
        f"{len(kept)} seeds, {sum(not result.violations for result in kept)} held;"
        f" {sum(result.produced for result in kept):,} records, {sum(result.sidelined for result in kept):,} unusable,"
        f" {sum(result.compacted for result in kept):,} compacted away; {sum(deeds.values())} faults ("
        + ", ".join(f"{deed} {count}" for deed, count in deeds.most_common())
        + f"); {sum(result.wire_hits for result in kept)} requests or answers broken on the wire;"
        f" {sum(fired.values())} deaths at failpoints ("
        + ", ".join(f"`{name}` {count}" for name, count in fired.most_common())
        + f"); slowest catching up {max((result.healed for result in kept), default=0):.0f} s"
    )


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{name} x{count}" if count > 1 else name for name, count in Counter(names).items())


if __name__ == "__main__":
    in_order = sorted(read_results().values(), key=lambda result: result.seed)
    print(summary(in_order), *lines(in_order), sep="\n")
