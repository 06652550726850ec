"""Paths by brute force: walk every sequence, write down its edges."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from local.oracle.behaviour import Deed, Range, Step, in_order
from local.oracle.quantile import quantile

# project, breakdown value, step number, source, target
EdgeKey = tuple[str, str, int, str, str]


@dataclass(frozen=True, slots=True)
class Edge:
    transitions: int
    persons: int
    median_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsQuestion:
    """The arguments of `paths`, as MACROS.md names them. `per` is 'session', 'person' or a gap in milliseconds."""

    start_event: Step | None = None
    end_event: Step | None = None
    node_of: Callable[[Deed], str] = field(default=lambda deed: deed.event)
    include: Step | None = None
    depth: int = 5
    per: str | int = "session"
    collapse_repeats: bool = True
    min_persons: int = 1
    top: int | None = 50
    span: Range = field(default_factory=Range)


@dataclass(slots=True)
class _Walks:
    actors: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)


def paths(deeds: Iterable[Deed], question: PathsQuestion) -> dict[EdgeKey, Edge]:
    """The largest edges of all sequences."""
    walks: dict[EdgeKey, _Walks] = defaultdict(_Walks)
    firsts = _first_times(deeds := list(deeds), question)
    for sequence in _sequences(deeds, question):
        nodes = _nodes(sequence, question, firsts)
        for number, (source, target) in enumerate(pairwise(nodes), start=1):
            first = source[0]
            key = (first.project_id, first.breakdown, number, source[1], target[1])
            walks[key].actors.add(first.actor)
            walks[key].seconds.append((target[0].at_ms - first.at_ms) / 1000)
    edges = {
        key: Edge(len(walk.seconds), len(walk.actors), quantile(walk.seconds, 0.5))
        for key, walk in walks.items()
        if len(walk.actors) >= question.min_persons
    }
    return _largest(edges, question.top)


def _sequences(deeds: list[Deed], question: PathsQuestion) -> list[list[Deed]]:
    """Each actor's events, cut where the session changes or the gap is exceeded."""
    found: dict[tuple[object, ...], list[Deed]] = defaultdict(list)
    last_seen: dict[tuple[str, str, str], tuple[int, int]] = {}
    for deed in in_order(deeds):
        if deed.actor == "" or not question.span.holds(deed.at_ms):
            continue
        stream = (deed.project_id, deed.breakdown, deed.actor)
        if question.per == "session":
            if deed.session_id != "":
                found[*stream, deed.session_id].append(deed)
        elif question.per == "person":
            found[stream].append(deed)
        else:
            assert isinstance(question.per, int)
            at_ms, number = last_seen.get(stream, (deed.at_ms, 0))
            if deed.at_ms - at_ms > question.per:
                number += 1
            last_seen[stream] = (deed.at_ms, number)
            found[*stream, number].append(deed)
    return list(found.values())


def _first_times(deeds: list[Deed], question: PathsQuestion) -> dict[int, set[str]]:
    """For each of the steps that keeps first matches only: the ids of those."""
    steps = [step for step in (question.start_event, question.end_event, question.include) if step]
    return {id(step): {deed.event_id for deed in step.matching(deeds)} for step in steps}


def _nodes(sequence: list[Deed], question: PathsQuestion, matching: dict[int, set[str]]) -> list[tuple[Deed, str]]:
    """The nodes of a sequence with the event that each was entered by; none where it lacks its start or its end."""

    def is_match(deed: Deed, step: Step | None) -> bool:
        return step is not None and deed.event_id in matching[id(step)]

    start, end = question.start_event, question.end_event
    if question.include is not None:
        sequence = [d for d in sequence if is_match(d, question.include) or is_match(d, start) or is_match(d, end)]
    if start is not None:
        begins = [position for position, deed in enumerate(sequence) if is_match(deed, start)]
        if not begins:
            return []
        sequence = sequence[begins[0] :]
    if end is not None:
        ends = [position for position, deed in enumerate(sequence) if is_match(deed, end)]
        if start is not None:
            ends = [position for position in ends if position > 0][:1]
        if not ends:
            return []
        sequence = sequence[: ends[-1] + 1]
    nodes: list[tuple[Deed, str]] = []
    for deed in sequence:
        name = question.node_of(deed)
        if not (question.collapse_repeats and nodes and nodes[-1][1] == name):
            nodes.append((deed, name))
    return nodes[-question.depth :] if start is None and end is not None else nodes[: question.depth]


def _largest(edges: dict[EdgeKey, Edge], top: int | None) -> dict[EdgeKey, Edge]:
    """Of each project and breakdown value the edges with the most transitions; ties by source, target and step."""
    kept: dict[tuple[str, str], int] = defaultdict(int)
    result: dict[EdgeKey, Edge] = {}
    for key in sorted(edges, key=lambda key: (-edges[key].transitions, key[3], key[4], key[2])):
        kept[key[:2]] += 1
        if top is None or kept[key[:2]] <= top:
            result[key] = edges[key]
    return result
