"""Prints the kept results as `docs/reliability.md` has them: `.venv/bin/python -m tests.loaders.faults.table`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from tests.loaders.faults.recovery import LIMITS
from tests.loaders.faults.run import read_results
from tests.loaders.faults.trial import Result


def summary(results: Sequence[Result]) -> Iterator[str]:
    """The seeds, records and faults in all."""
    by_client = Counter(result.client for result in results)
    deeds = Counter(deed for result in results for deed in result.deeds)
    fired = Counter(name for result in results for name in result.fired)
    yield (
        f"{len(results)} seeds ({_listed(by_client)}), {sum(not result.violations for result in results)} held;"
        f" {sum(result.produced for result in results):,} records, {sum(result.sidelined for result in results):,}"
        f" unusable, {sum(result.compacted for result in results):,} compacted away."
    )
    yield f"{sum(deeds.values()):,} faults: {_listed(deeds)}."
    yield f"{sum(fired.values())} deaths at failpoints: {_listed(fired)}."
    yield f"{sum(result.wire_hits for result in results):,} requests or answers were broken on the wire."


def recovered(results: Sequence[Result]) -> Iterator[str]:
    """How long until the slowest partition landed again, where nothing else was broken meanwhile, and in all."""
    yield "| after | promised | alone: times | half within | 95 % | all | with others: times | half within | all |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for deed, limit in LIMITS.items():
        for names, is_named in (("named", True), ("", False)):
            times: dict[bool, list[float]] = {
                is_alone: sorted(
                    seconds
                    for result in results
                    if result.is_named == is_named
                    for kind, seconds, alone in result.recoveries
                    if (kind, bool(alone)) == (deed, is_alone)
                )
                for is_alone in (True, False)
            }
            alone, others = times[True], times[False]
            name = f"{deed}, {names} loaders" if names else deed
            yield (
                f"| {name} | {limit:.0f} s | {len(alone)} | {_at(alone, 50)} | {_at(alone, 95)} | {_at(alone, 100)}"
                f" | {len(others)} | {_at(others, 50)} | {_at(others, 100)} |"
            )


def table(results: Iterable[Result]) -> Iterator[str]:
    """One row per seed."""
    yield "| seed | client | loaders | faults | fired at | produced | unusable | landed again | load | held |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for result in results:
        slowest = max((seconds for _, seconds, _ in result.recoveries), default=None)
        yield (
            f"| {result.seed} | {result.client.split('-')[0]} | {result.members}{' named' if result.is_named else ''}"
            f" | {_counted(result.deeds)} | {_counted(result.fired)} | {result.produced:,} | {result.sidelined:,}"
            f" | {'' if slowest is None else f'{slowest:.0f} s'} | {result.load or '?'}"
            f" | {'; '.join(result.violations) or 'yes'} |"
        )


def _at(times: Sequence[float], percent: float) -> str:
    """The percentile of sorted times."""
    if not times:
        return ""
    if percent == 50:
        return f"{median(times):.1f} s"
    return f"{times[min(len(times) - 1, int(len(times) * percent / 100))]:.1f} s"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{name} x{count}" if count > 1 else name for name, count in Counter(names).items())


if __name__ == "__main__":
    in_order = sorted(read_results().values(), key=lambda result: result.seed)
    print(*summary(in_order), "", *recovered(in_order), "", *table(in_order), sep="\n")
