"""Funnels by brute force: every attempt of every actor is walked event by event.

Written from the definitions (`docs/semantics.md`), not from the SQL. Deeds are those after `where`; with a breakdown
each carries the value of its expression, with held properties their values in `Deed.held`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from local.oracle.behaviour import Deed, Range, Step, data_ranges, in_order, keep_largest
from local.oracle.calendar import PeriodStart
from local.oracle.quantile import quantile

Times = list[int | None]
Unit = tuple[str, str, str, str]  # project, actor, session or '', breakdown value


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An event that may not happen between two steps (1-based)."""

    step: Step
    from_step: int
    to_step: int


@dataclass(frozen=True, slots=True)
class FunnelQuestion:
    """The arguments of `funnel`; `holds` says that `Deed.held` counts, `has_breakdown` that `Deed.breakdown` does."""

    steps: tuple[Step, ...]
    window_ms: int = 7 * 86_400_000
    order: str = "ordered"
    ties: str = "any"
    entry: str = "best"
    exclude: tuple[Exclusion, ...] = ()
    exclusion: str = "void"
    optional: tuple[int, ...] = ()
    holds: bool = False
    count: str = "persons"
    has_breakdown: bool = False
    attribution: str = "first_touch"
    breakdown_limit: int | None = None
    range: Range = field(default_factory=Range)

    @property
    def required(self) -> list[int]:
        return [number for number in range(1, len(self.steps) + 1) if number not in self.optional]

    @property
    def bound(self) -> list[int]:
        """The steps that are bound to a breakdown value."""
        if not self.has_breakdown or self.attribution in ("first_touch", "last_touch"):
            return []
        if self.attribution == "all":
            return list(range(1, len(self.steps) + 1))
        return [int(self.attribution.removeprefix("step_"))]


@dataclass(frozen=True, slots=True)
class Path:
    """One counted path: when each step was served and by which event; None and '' where it was not."""

    project_id: str
    actor: str
    session_id: str
    breakdown: str
    level: int
    step_at: tuple[int | None, ...]
    event_ids: tuple[str, ...]
    period: PeriodStart | None = None

    @property
    def start(self) -> int:
        first = self.step_at[0]
        assert first is not None
        return first


@dataclass(frozen=True, slots=True)
class FunnelCell:
    """One row of a funnel."""

    entered: int
    converted_from_start: float | None
    converted_from_previous: float | None
    median_seconds_from_previous: float | None
    p90_seconds_from_previous: float | None
    median_seconds_from_start: float | None
    incomplete: int


@dataclass(slots=True)
class Attempt:
    """One start and what became of it; `is_void` where an excluded event lies in it."""

    start: Deed
    times: Times
    ids: list[str]
    level: int = 0
    is_void: bool = False


# Which steps (1-based) a deed matches, within one stream.
Matches = Callable[[Deed, int], bool]


def funnel_paths(deeds: Sequence[Deed], question: FunnelQuestion, period: str | None = None) -> list[Path]:
    """Every counted path. With a period, the paths of the attempts that start in each."""
    deeds = [deed for deed in deeds if deed.actor]
    if question.breakdown_limit is None:
        return _paths(deeds, question, period)
    unlimited = replace(question, breakdown_limit=None)
    paths = _paths(deeds, unlimited, period)
    sizes: dict[tuple[str, str], float] = defaultdict(float)
    for path in paths:
        sizes[path.project_id, path.breakdown] += 1
    if question.bound:
        return _paths(keep_largest(deeds, sizes, question.breakdown_limit), unlimited, period)
    kept = {
        (deed.project_id, value)
        for deed in deeds
        for value in {deed.breakdown, ""}
        if keep_largest([replace(deed, breakdown=value)], sizes, question.breakdown_limit)[0].breakdown == value
    }
    return [path if (path.project_id, path.breakdown) in kept else replace(path, breakdown="other") for path in paths]


def funnel(
    deeds: Sequence[Deed], question: FunnelQuestion, *, all_deeds: Iterable[Deed]
) -> dict[tuple[str, str, int], FunnelCell]:
    """Rows by (project, breakdown value, step number). `all_deeds` are those of the relation before `where`."""
    ranges = data_ranges(all_deeds)
    groups: dict[tuple[str, str], list[Path]] = defaultdict(list)
    if not question.has_breakdown:
        for project in ranges:
            groups[project, ""] = []
    for path in funnel_paths(deeds, question):
        groups[path.project_id, path.breakdown].append(path)
    return {
        (project, value, number): _cell(paths, question, number, ranges[project].last_ms)
        for (project, value), paths in groups.items()
        for number in range(1, len(question.steps) + 1)
    }


def funnel_trend(
    deeds: Sequence[Deed], question: FunnelQuestion, period: str, *, all_deeds: Iterable[Deed]
) -> dict[tuple[str, str, PeriodStart, int], FunnelCell]:
    """Rows by (project, breakdown value, period start, step number)."""
    ranges = data_ranges(all_deeds)
    groups: dict[tuple[str, str, PeriodStart], list[Path]] = defaultdict(list)
    if not question.has_breakdown:
        for project, data in ranges.items():
            for start in question.range.grid(data, period):
                groups[project, "", start] = []
    for path in funnel_paths(deeds, question, period):
        assert path.period is not None
        groups[path.project_id, path.breakdown, path.period].append(path)
    return {
        (project, value, start, number): _cell(paths, question, number, ranges[project].last_ms)
        for (project, value, start), paths in groups.items()
        for number in range(1, len(question.steps) + 1)
    }


def _quantile(seconds: Sequence[float], share: float) -> float | None:
    return quantile(seconds, share) if seconds else None


def _cell(paths: list[Path], question: FunnelQuestion, number: int, data_end: int) -> FunnelCell:
    earlier = [step for step in question.required if step < number]
    previous = earlier[-1] if earlier else 1
    reached = [path for path in paths if path.step_at[number - 1] is not None]
    from_previous = [_seconds(path, previous, number) for path in reached] if number > 1 else []
    reached_previous = sum(path.step_at[previous - 1] is not None for path in paths)
    return FunnelCell(
        entered=len(reached),
        converted_from_start=len(reached) / len(paths) if paths else None,
        converted_from_previous=len(reached) / reached_previous if reached_previous else None,
        median_seconds_from_previous=_quantile(from_previous, 0.5),
        p90_seconds_from_previous=_quantile(from_previous, 0.9),
        median_seconds_from_start=_quantile([_seconds(path, 1, number) for path in reached], 0.5),
        incomplete=sum(path.start + question.window_ms > data_end for path in reached),
    )


def _seconds(path: Path, earlier: int, later: int) -> float:
    begin, end = path.step_at[earlier - 1], path.step_at[later - 1]
    assert begin is not None
    assert end is not None
    return (end - begin) / 1000


def _paths(deeds: Sequence[Deed], question: FunnelQuestion, period: str | None) -> list[Path]:
    counted: list[Path] = []
    for (project, actor, session, value), attempts in _attempts(in_order(deeds), question).items():
        attempts.sort(key=lambda attempt: attempt.start.order)
        by_period: dict[PeriodStart | None, list[Attempt]] = defaultdict(list)
        for attempt in attempts:
            start = question.range.calendar.start_of(attempt.start.at_ms, period) if period else None
            by_period[start].append(attempt)
        for start, of_period in by_period.items():
            for one in _chosen(of_period, question):
                # Actors who do not serve a step that is bound alone have no value.
                if len(question.bound) == 1 < len(question.steps) and one.times[question.bound[0] - 1] is None:
                    continue
                counted.append(Path(project, actor, session, value, one.level, tuple(one.times), tuple(one.ids), start))
    return counted


def _chosen(attempts: list[Attempt], question: FunnelQuestion) -> list[Attempt]:
    """Of one unit's attempts, in order, those that count."""
    if question.entry == "first":
        return [one for one in attempts[:1] if not one.is_void]
    valid = [one for one in attempts if not one.is_void]
    if question.count != "totals":
        return [max(valid, key=lambda one: one.level)] if valid else []  # max() returns the earliest of equals
    taken: list[Attempt] = []
    for one in valid:
        if not taken or one.start.at_ms > _blocked_until(taken[-1], question):
            taken.append(one)
    return taken


def _blocked_until(attempt: Attempt, question: FunnelQuestion) -> int:
    last = attempt.times[-1]
    if attempt.level == len(question.required) and last is not None:
        return last
    return attempt.start.at_ms + question.window_ms


def _attempts(deeds: list[Deed], question: FunnelQuestion) -> dict[Unit, list[Attempt]]:
    """All attempts of each unit that may have a counted path."""
    serving: list[set[tuple[str, str, int, str]]] = [
        {_key(deed) for deed in step.matching(deeds)} for step in question.steps
    ]
    in_reach = [deed for deed in deeds if _is_in_reach(deed, question)]
    touched = _touches(in_reach, question, lambda deed: any(_key(deed) in keys for keys in serving))
    found: dict[Unit, list[Attempt]] = defaultdict(list)
    for (project, actor, session), stream in _streams(in_reach, question).items():
        values = {touched.get((project, actor), "")}
        if question.bound:
            values = {d.breakdown for d in stream for n in question.bound if _key(d) in serving[n - 1]}
        for value in values:

            def matches(deed: Deed, number: int, value: str = value) -> bool:
                bound = number in question.bound
                return _key(deed) in serving[number - 1] and (not bound or deed.breakdown == value)

            for start in stream:
                attempt = _attempt(start, stream, matches, question)
                if attempt is not None:
                    found[project, actor, session, value].append(attempt)
    return found


def _key(deed: Deed) -> tuple[str, str, int, str]:
    return deed.project_id, deed.actor, deed.at_ms, deed.event_id


def _is_in_reach(deed: Deed, question: FunnelQuestion) -> bool:
    """Whether the deed lies from the range's start to its end plus the window."""
    return question.range.is_started(deed.at_ms) and question.range.is_before_end(deed.at_ms - question.window_ms)


def _streams(deeds: list[Deed], question: FunnelQuestion) -> dict[tuple[str, str, str], list[Deed]]:
    found: dict[tuple[str, str, str], list[Deed]] = defaultdict(list)
    for deed in deeds:
        if question.count == "sessions" and not deed.session_id:
            continue
        found[deed.project_id, deed.actor, deed.session_id if question.count == "sessions" else ""].append(deed)
    return found


def _touches(deeds: list[Deed], question: FunnelQuestion, serves: Callable[[Deed], bool]) -> dict[tuple[str, str], str]:
    """The value that decides for each actor: of its first or last event with a value that matches a step."""
    if not question.has_breakdown or question.bound:
        return {}
    touched: dict[tuple[str, str], str] = {}
    for deed in deeds:
        if deed.breakdown and serves(deed):
            if question.attribution == "first_touch":
                touched.setdefault((deed.project_id, deed.actor), deed.breakdown)
            else:
                touched[deed.project_id, deed.actor] = deed.breakdown
    return touched


def _attempt(start: Deed, stream: list[Deed], matches: Matches, question: FunnelQuestion) -> Attempt | None:
    numbers = range(1, len(question.steps) + 1)
    starts = any(matches(start, number) for number in numbers) if question.order == "any" else matches(start, 1)
    if not starts or not question.range.holds(start.at_ms):
        return None
    if question.holds:
        if "" in start.held:
            return None
        stream = [deed for deed in stream if deed.held == start.held]
    near = [deed for deed in stream if start.at_ms <= deed.at_ms <= start.at_ms + question.window_ms]
    if question.order == "any":
        attempt = _in_any_order(start, near, matches, question)
    elif question.order == "strict":
        attempt = _consecutive(start, near, matches, question)
    else:
        attempt = _ordered(start, near, matches, question)
    _judge(attempt, stream, question)
    attempt.level = sum(attempt.times[number - 1] is not None for number in question.required)
    return attempt


def _empty(start: Deed, question: FunnelQuestion) -> Attempt:
    count = len(question.steps)
    return Attempt(start, [start.at_ms] + [None] * (count - 1), [start.event_id] + [""] * (count - 1))


def _serve(attempt: Attempt, number: int, deed: Deed) -> None:
    attempt.times[number - 1] = deed.at_ms
    attempt.ids[number - 1] = deed.event_id


def _ordered(start: Deed, near: list[Deed], matches: Matches, question: FunnelQuestion) -> Attempt:
    attempt = _empty(start, question)
    waiting = question.required[1:]
    for at_ms, group in groupby(near, key=lambda deed: deed.at_ms):
        unused = [deed for deed in group if deed is not start]
        if question.ties == "any":
            served = _served_at_once(waiting, unused, matches)
        elif at_ms > start.at_ms:
            served = _served_at_once(waiting[:1], unused, matches)
        else:
            served = []
        for deed in served:
            _serve(attempt, waiting.pop(0), deed)
    for number in question.optional:
        _serve_between(attempt, number, near, matches, question)
    return attempt


def _served_at_once(waiting: list[int], unused: list[Deed], matches: Matches) -> list[Deed]:
    """Different events of one time for as many next steps as there can be; of those the smallest ids, step by step."""
    best: list[Deed] = []
    if not waiting:
        return best
    for deed in unused:
        if matches(deed, waiting[0]):
            rest = [other for other in unused if other is not deed]
            found = [deed, *_served_at_once(waiting[1:], rest, matches)]
            if len(found) > len(best):
                best = found
    return best


def _serve_between(attempt: Attempt, number: int, near: list[Deed], matches: Matches, question: FunnelQuestion) -> None:
    """An optional step takes the earliest unused event between its neighbours, the required one before it included."""
    required_before = max(step for step in question.required if step < number)
    if attempt.times[required_before - 1] is None:
        return
    earlier = [time for time in attempt.times[: number - 1] if time is not None]
    later = [time for time in attempt.times[number:] if time is not None]
    used = {(time, event_id) for time, event_id in zip(attempt.times, attempt.ids, strict=True)}
    for deed in near:
        if question.ties == "strict":
            is_between = max(earlier) < deed.at_ms and all(deed.at_ms < time for time in later)
        else:
            is_between = max(earlier) <= deed.at_ms and all(deed.at_ms <= time for time in later)
        if is_between and matches(deed, number) and (deed.at_ms, deed.event_id) not in used:
            _serve(attempt, number, deed)
            return


def _consecutive(start: Deed, near: list[Deed], matches: Matches, question: FunnelQuestion) -> Attempt:
    """Each event after the start serves the next required step, else the first optional one before it, else ends it."""
    attempt = _empty(start, question)
    last = 1
    for deed in near[near.index(start) + 1 :]:
        following = [number for number in question.required if number > last]
        if not following:
            break
        between = [number for number in question.optional if last < number < following[0]]
        served = next((number for number in [following[0], *between] if matches(deed, number)), None)
        if served is None:
            break
        _serve(attempt, served, deed)
        last = served
    return attempt


def _in_any_order(start: Deed, near: list[Deed], matches: Matches, question: FunnelQuestion) -> Attempt:
    """The n-th time is when the events so far first serve n different steps."""
    attempt = _empty(start, question)
    held: dict[int, Deed] = {}

    def place(deed: Deed, tried: set[int]) -> bool:
        for number in range(1, len(question.steps) + 1):
            if number not in tried and matches(deed, number):
                tried.add(number)
                if number not in held or place(held[number], tried):
                    held[number] = deed
                    return True
        return False

    level = 0
    for deed in near:
        if place(deed, set()):
            level += 1
            _serve(attempt, level, deed)
    return attempt


def _judge(attempt: Attempt, stream: list[Deed], question: FunnelQuestion) -> None:
    """Mark or cut the attempt where an excluded event lies within its steps."""
    last_ms = attempt.start.at_ms + question.window_ms
    cuts: list[int] = []
    for exclusion in question.exclude:
        begin, end = attempt.times[exclusion.from_step - 1], attempt.times[exclusion.to_step - 1]
        if begin is None:
            continue
        for deed in stream:
            is_before = deed.at_ms < end if end is not None else deed.at_ms <= last_ms
            if exclusion.step.matches(deed) and deed.at_ms > begin and is_before:
                cuts.append(deed.at_ms)
    if not cuts:
        return
    if question.exclusion == "void":
        attempt.is_void = True
        return
    for place, time in enumerate(attempt.times):
        if time is not None and time >= min(cuts):
            attempt.times[place] = None
            attempt.ids[place] = ""
