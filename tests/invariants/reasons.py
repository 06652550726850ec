"""Why a run restated numbers: by what came, went and moved between two looks at events, persons and messages."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.invariants.moves import Move, Stretches, moves, stretches_of
from tests.invariants.restated import restated_nodes
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.record import TIMEZONE

COORDINATES = "lane, topic, generation, partition, offset, replay_seq"
EVENTS = f"""
    SELECT ({COORDINATES}), project_id, toDate(occurred_at, '{TIMEZONE}'), identifier_key, occurred_at
    FROM {{marts}}.int_events_sessionized
"""
MESSAGES = f"SELECT ({COORDINATES}), project_id, type FROM {{staging}}.stg_raw__people"
# By the last run, of marts that none had built since a run of all models.
RESTATED = """
    SELECT model, project_id, CAST(key, 'Array(Tuple(String, String))'), measure, reasons
    FROM {{marts}}.run_restatements
    WHERE run = (SELECT max(run) FROM {{marts}}.run_commits) AND (model, {whole}) IN (
        SELECT model, max(run) FROM {{marts}}.run_commits
        WHERE run < (SELECT max(run) FROM {{marts}}.run_commits) GROUP BY model
    )
"""
# As they are told: what weighs most comes first.
REASONS = ("plan", "deletion", "unmerge", "merge", "replay", "late")
# Lane, then what else says which record it is.
Coordinates = tuple[Any, ...]
Cell = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class _Seen:
    """`spans`: first day and the day after the last whose news can change a cell."""

    events: Mapping[Coordinates, tuple[str, date, int, datetime]]
    messages: Mapping[Coordinates, tuple[str, str]]
    persons: Stretches
    spans: Mapping[Cell, tuple[date, date]]


class Reasons:
    """Holds why numbers were restated against what there was when a run had built all models and is later."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._nodes = restated_nodes(warehouse)
        self._summed = {
            node["alias"] for node in self._nodes if isinstance(node["config"]["restated"]["measures"], dict)
        }
        self._whole, self._before = self._last_run(), self._look()

    def wrong(self, *, is_whole: bool) -> list[str]:
        """After each run: a line for each number with other reasons, of marts that none built since that run."""
        after = self._look()
        news, anywhere = _news(self._before, after), _news_of_profiles(self._before, after)
        wrong = []
        for model, project, key, measure, reasons in self._warehouse.rows(RESTATED.format(whole=self._whole)):
            cell = model, project, tuple(sorted(key))
            start, end = _span(self._before.spans.get(cell), after.spans.get(cell))
            expected = {reason for day, reason in news[project] if start <= day < end}
            told = [reason for reason in REASONS if reason in expected]
            # Of a sum only the rows that changed are looked at.
            is_right = set(reasons) <= expected | anywhere[project] if model in self._summed else reasons == told
            if not is_right:
                wrong.append(f"reasons: {cell} {measure}: {told}, told {reasons}")
        if is_whole:
            self._whole, self._before = self._last_run(), after
        return wrong

    def _last_run(self) -> int:
        [(run,)] = self._warehouse.rows("SELECT max(run) FROM {marts}.run_commits")
        return int(run)

    def _look(self) -> _Seen:
        return _Seen(
            events={tuple(at): tuple(row) for at, *row in self._warehouse.rows(EVENTS)},
            messages={tuple(at): tuple(row) for at, *row in self._warehouse.rows(MESSAGES)},
            persons=stretches_of(self._warehouse),
            spans=dict(span for node in self._nodes for span in self._spans(node)),
        )

    def _spans(self, node: Mapping[str, Any]) -> Iterator[tuple[Cell, tuple[date, date]]]:
        restated = node["config"]["restated"]
        key = ", ".join(f"('{name}', toString({sql}))" for name, sql in restated["key"].items())
        start, end = restated.get("news", restated["period"])
        for project, pairs, first, after_last in self._warehouse.rows(
            f"SELECT project_id, [{key}], min(toDate({start})), max(toDate({end}))"
            f" FROM {node['schema']}.{node['alias']} GROUP BY 1, 2"
        ):
            yield (node["alias"], project, tuple(sorted(pairs))), (first, after_last)


def _news(before: _Seen, after: _Seen) -> dict[str, set[tuple[date, str]]]:
    """By project, the local days on which something is other than it was, and why."""
    news = defaultdict[str, set[tuple[date, str]]](set)
    for at in after.events.keys() - before.events.keys():
        project, day, *_ = after.events[at]
        news[project].add((day, _reason_of_lane(at)))
    for at in before.events.keys() - after.events.keys():
        project, day, *_ = before.events[at]
        news[project].add((day, "late"))
    events = defaultdict[int, list[tuple[datetime, date]]](list)
    for _, day, key, occurred_at in after.events.values():
        events[key].append((occurred_at, day))
    for move in moves(before.persons, after.persons):
        days = {day for at, day in events[move.key] if move.moved_from <= at < move.moved_to}
        news[move.project].update((day, _reason_of(move)) for day in days)
    return news


def _news_of_profiles(before: _Seen, after: _Seen) -> dict[str, set[str]]:
    """By project, what may have made or ended deleted persons."""
    news = defaultdict[str, set[str]](set)
    for at, (project, kind) in {**before.messages, **after.messages}.items():
        if at not in before.messages or at not in after.messages:
            news[project].add("deletion" if kind == "delete" else _reason_of_lane(at))
    for move in moves(before.persons, after.persons):
        news[move.project].add(_reason_of(move))
    return news


def _reason_of_lane(at: Coordinates) -> str:
    return "replay" if at[0] == "replay" else "late"


def _reason_of(move: Move) -> str:
    """Who is one person still with whom that was named by was merged; so was a device that is nobody's own any more."""
    was_merged = move.namesake_now == move.person_after or (move.is_takeover and move.namesake_now is None)
    return "merge" if was_merged else "unmerge"


def _span(*spans: tuple[date, date] | None) -> tuple[date, date]:
    found = [span for span in spans if span]
    return min(start for start, _ in found), max(end for _, end in found)
