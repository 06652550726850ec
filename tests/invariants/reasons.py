"""Why a run restated numbers: by what came, went and moved between two looks at events, persons and messages."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.invariants.moves import Move, Stretches, moves, stretches_of
from tests.invariants.restated import Key, key_of, key_of_cell, restated_nodes
from tests.invariants.warehouse import COORDINATES, Warehouse
from tests.invariants.world.record import TIMEZONE

EVENTS = f"""
    SELECT ({COORDINATES}), project_id, toDate(occurred_at, '{TIMEZONE}'), identifier_key, occurred_at
    FROM {{marts}}.int_events_sessionized
"""
MESSAGES = f"SELECT ({COORDINATES}), project_id, type FROM {{staging}}.stg_raw__people"
RESTATED = """
    SELECT model, project_id, CAST(key, 'Array(Tuple(String, String))'), measure, reasons
    FROM {marts}.run_restatements WHERE run = (SELECT max(run) FROM {marts}.run_commits)
"""
COMMITS = "SELECT model, max(run) FROM {marts}.run_commits GROUP BY model"
# What came, went and moved is told by their rows. Of the models between them and a mart a run may leave some out.
HEARD_AT_ONCE = {"int_events_sessionized", "person_ids", "stg_raw__people", "int_person_profiles"}
# As they are told: what weighs most comes first.
REASONS = ("plan", "deletion", "unmerge", "merge", "replay", "late")
Coordinates = tuple[Any, ...]
Cell = tuple[str, str, Key]


@dataclass(frozen=True)
class _Seen:
    events: Mapping[Coordinates, tuple[str, date, int, datetime]]
    messages: Mapping[Coordinates, tuple[str, str]]
    persons: Stretches

    @classmethod
    def by(cls, warehouse: Warehouse) -> "_Seen":
        return cls(
            {tuple(at): tuple(row) for at, *row in warehouse.rows(EVENTS)},
            {tuple(at): tuple(row) for at, *row in warehouse.rows(MESSAGES)},
            stretches_of(warehouse),
        )


class _News:
    """By project the local days on which something is other than it was, and why; and what bears on deleted persons."""

    def __init__(self, before: _Seen, after: _Seen) -> None:
        self._of_days = defaultdict[str, set[tuple[date, str]]](set)
        self.of_profiles = defaultdict[str, set[str]](set)
        for at in after.events.keys() - before.events.keys():
            project, day, *_ = after.events[at]
            self._of_days[project].add((day, _reason_of_lane(at)))
        for at in before.events.keys() - after.events.keys():
            project, day, *_ = before.events[at]
            self._of_days[project].add((day, "late"))
        events = defaultdict[int, list[tuple[datetime, date]]](list)
        for _, day, key, occurred_at in after.events.values():
            events[key].append((occurred_at, day))
        for move in moves(before.persons, after.persons):
            days = {day for at, day in events[move.key] if move.spans(at)}
            self._of_days[move.project].update((day, _reason_of(move)) for day in days)
            self.of_profiles[move.project].add(_reason_of(move))
        for at in before.messages.keys() ^ after.messages.keys():
            project, kind = before.messages.get(at) or after.messages[at]
            self.of_profiles[project].add("deletion" if kind == "delete" else _reason_of_lane(at))

    def of(self, project: str, start: date, end: date) -> set[str]:
        return {reason for day, reason in self._of_days[project] if start <= day < end}


class Reasons:
    """Holds why numbers were restated against what there was when their marts had last heard the news, and is now.

    To be made after a run of all models.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._marts = {node["alias"]: node for node in restated_nodes(warehouse)}
        self._reads = versioned_reads(warehouse)
        self._seen: dict[int, _Seen] = {}
        self._commits = defaultdict[str, list[int]](list)
        # The first day and the day after the last whose news can change a cell.
        self._spans: dict[Cell, tuple[date, date]] = {}
        self._look()

    def wrong(self) -> list[str]:
        """After each run: a line for each number with other reasons."""
        told = {mart: self._told(mart, self._commits[mart][-1]) for mart in self._marts}
        after = self._look()
        news = {run: _News(self._seen[run], after) for run in set(told.values())}
        wrong = []
        for mart, project, key, measure, reasons in self._warehouse.rows(RESTATED):
            cell, of_mart = (mart, project, key_of(key)), news[told[mart]]
            expected = of_mart.of(project, *self._spans[cell])
            if isinstance(self._marts[mart]["config"]["restated"]["measures"], dict):
                # Of a sum only the rows that changed are looked at.
                is_right = set(reasons) <= expected | of_mart.of_profiles[project]
            else:
                is_right = reasons == [reason for reason in REASONS if reason in expected]
            if not is_right:
                wrong.append(f"reasons: {cell} {measure}: {sorted(expected)}, told {reasons}")
        return wrong

    def _told(self, model: str, run: int) -> int:
        """The run up to which a model had heard the news as a run committed it."""
        told = run
        for between in self._reads[model] - HEARD_AT_ONCE:
            committed = max(earlier for earlier in self._commits[between] if earlier <= run)
            told = min(told, self._told(between, committed))
        return told

    def _look(self) -> _Seen:
        for model, run in self._warehouse.rows(COMMITS):
            self._commits[model].append(run)
        seen = self._seen[max(runs[-1] for runs in self._commits.values())] = _Seen.by(self._warehouse)
        for mart, node in self._marts.items():
            for project, key, start, end in self._warehouse.rows(_spans_of(node)):
                cell = mart, project, key_of(key)
                earlier_start, earlier_end = self._spans.get(cell, (start, end))
                self._spans[cell] = min(start, earlier_start), max(end, earlier_end)
        return seen


def versioned_reads(warehouse: Warehouse) -> dict[str, set[str]]:
    """By the name of each versioned model those that it reads, also through views and look-ups."""
    nodes = warehouse.nodes

    def read_by(name: str) -> set[str]:
        found: set[str] = set()
        for parent in nodes[name]["depends_on"].get("nodes", ()) if name in nodes else ():
            if parent in nodes and nodes[parent]["config"]["materialized"] == "versioned":
                found.add(nodes[parent]["alias"])
            else:
                found |= read_by(parent)
        return found

    return {
        node["alias"]: read_by(name) for name, node in nodes.items() if node["config"]["materialized"] == "versioned"
    }


def _spans_of(node: Mapping[str, Any]) -> str:
    restated = node["config"]["restated"]
    start, end = restated.get("news", restated["period"])
    return (
        f"SELECT project_id, {key_of_cell(restated)}, min(toDate({start})), max(toDate({end}))"
        f" FROM {node['schema']}.{node['alias']} GROUP BY 1, 2"
    )


def _reason_of_lane(at: Coordinates) -> str:
    return "replay" if at[0] == "replay" else "late"


def _reason_of(move: Move) -> str:
    """Who is one person still with whom that was named by was merged; so was a device that is nobody's own any more."""
    was_merged = move.namesake_now == move.person_after or (move.is_takeover and move.namesake_now is None)
    return "merge" if was_merged else "unmerge"
