"""Each number that a run changed of what was published, by a look at the marts before it and after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from local.oracle.comparison import different_cells
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.record import TIMEZONE

# What tells a cell apart within its project, as sorted pairs.
Key = tuple[tuple[str, str], ...]
# Project, key, the first day and the day after the last.
Cell = tuple[str, Key, date, date]
# By mart, cell and measure: the old number and the new one; of numbers that are sums the difference.
Changes = dict[tuple[str, Cell, str], Any]

COMMITS = f"""
    SELECT model, toDate(argMax(started_at, run), '{TIMEZONE}'), max(run) FROM {{marts}}.run_commits GROUP BY model
"""


@dataclass(frozen=True)
class Published:
    """What a mart shows. `began_on`: the local day on which the run began that published it."""

    mart: str
    is_sum: bool
    began_on: date
    cells: Mapping[Cell, Mapping[str, float | None]]

    def changes(self, after: "Published") -> Changes:
        """Of periods that had ended, and not past the last one that a project had."""
        found: Changes = {}
        for cell in self.cells.keys() | after.cells.keys():
            if cell[3] > self.began_on or not (self.is_sum or cell[3] <= self._last_days.get(cell[0], date.min)):
                continue
            olds, news = self.cells.get(cell, {}), after.cells.get(cell, {})
            for measure in olds.keys() | news.keys():
                old, new = olds.get(measure), news.get(measure)
                # A cell that is not there is a count of 0.
                if (old or 0) != (new or 0):
                    found[self.mart, cell, measure] = _difference(old, new) if self.is_sum else (old, new)
        return found

    @cached_property
    def _last_days(self) -> dict[str, date]:
        days: dict[str, date] = {}
        for project, _, _, end in self.cells:
            days[project] = max(days.get(project, end), end)
        return days


def restated_nodes(warehouse: Warehouse) -> list[dict[str, Any]]:
    """The models whose numbers are told where they change, as the manifest has them."""
    return [node for node in warehouse.nodes.values() if node["config"].get("restated")]


def key_of_cell(restated: Mapping[str, Any]) -> str:
    """SQL of a row: the names and values that tell its cell apart; `key_of` makes a key of them."""
    return "[" + ", ".join(f"('{name}', toString({sql}))" for name, sql in restated["key"].items()) + "]"


def key_of(pairs: Iterable[tuple[str, str]]) -> Key:
    return tuple(sorted((name, value) for name, value in pairs))


class RestatedNumbers:
    """Holds `restatements` against what the marts showed before a run and show after it."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._nodes = restated_nodes(warehouse)
        self._published, self._run = self._now()

    def wrong(self) -> list[str]:
        """After each run: a line for each number that it changed and did not tell, or told and did not change."""
        before, last = self._published, self._run
        self._published, self._run = self._now()
        changed: Changes = {}
        for model, mart in before.items():
            changed |= mart.changes(self._published[model])
        sums = {mart.mart for mart in before.values() if mart.is_sum}
        rows = self._warehouse.rows(
            "SELECT model, project_id, CAST(key, 'Array(Tuple(String, String))'), period_start, period_end, measure,"
            f" old, new FROM {{marts}}.restatements WHERE run > {last}"
        )
        in_book = {
            (mart, (project, key_of(key), start, end), measure): _difference(old, new) if mart in sums else (old, new)
            for mart, project, key, start, end, measure, old, new in rows
        }
        return [f"restatements: {line}" for line in different_cells(changed, in_book)]

    def _now(self) -> tuple[dict[str, Published], int]:
        """What is published, by model, and the last run of any."""
        commits = {model: (began_on, run) for model, began_on, run in self._warehouse.rows(COMMITS)}
        published = {node["alias"]: self._read(node, commits[node["alias"]][0]) for node in self._nodes}
        return published, max(run for _, run in commits.values())

    def _read(self, node: Mapping[str, Any], began_on: date) -> Published:
        restated = node["config"]["restated"]
        measures, is_sum = restated["measures"], isinstance(restated["measures"], dict)
        values = ", ".join(
            f"round(sum(toFloat64({sql})), 3)" if is_sum else f"toNullable(toFloat64({sql}))"
            for sql in (measures.values() if is_sum else measures)
        )
        start, end = restated["period"]
        rows = self._warehouse.rows(
            f"SELECT project_id, {key_of_cell(restated)}, toDate({start}), toDate({end}), [{values}]"
            f" FROM {node['schema']}.{node['alias']}{' GROUP BY 1, 2, 3, 4' if is_sum else ''}"
        )
        cells = {
            (project, key_of(pairs), first, after_last): dict(zip(measures, numbers, strict=True))
            for project, pairs, first, after_last, numbers in rows
        }
        return Published(restated.get("mart", node["alias"]), is_sum, began_on, cells)


def _difference(old: float | None, new: float | None) -> float:
    return round((new or 0) - (old or 0), 3)
