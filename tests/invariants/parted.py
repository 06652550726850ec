"""Each identifier that went to another person, by a look at `person_ids` after each run."""

from collections import defaultdict
from datetime import datetime

from local.oracle.comparison import different_cells
from tests.invariants.rows import rows_of
from tests.invariants.warehouse import Warehouse

PERSONS = """
    SELECT identifier_key, valid_from, valid_to, person_id, project_id, identifier FROM {marts}.person_ids
"""
EVENTS = "SELECT identifier_key, occurred_at FROM {marts}.fct_events WHERE person_id != ''"
# From when until when which person had an identifier.
Stretches = dict[int, list[tuple[datetime, datetime, str, str, str]]]


class PartedPersons:
    """Holds `identity_changes` against who had which identifier when it was built before."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._run, self._persons = self._last_run(), self._now()

    def wrong(self, *, is_whole: bool) -> list[str]:
        """After each run: a line for each two persons of whom it does not tell what went from one to the other.

        Events are counted where the run built all models (`is_whole`); else it may have been told before they came.
        """
        before, last, run = self._persons, self._run, self._last_run()
        # Left out of the run; the next one that builds it tells of this one too.
        if run == last:
            return []
        self._run, self._persons = run, self._now()
        events = defaultdict(list)
        for key, at in rows_of(self._warehouse, EVENTS):
            events[key].append(at)
        went: dict[tuple[str, str, str], tuple[set[str], int]] = {}
        for key, stretches in before.items():
            for start, end, person, project, identifier in stretches:
                for start_now, end_now, person_now, *_ in self._persons.get(key, []):
                    moved_from, moved_to = max(start, start_now), min(end, end_now)
                    if person != person_now and moved_from < moved_to:
                        identifiers, count = went.get((project, person, person_now), (set(), 0))
                        count += sum(moved_from <= at < moved_to for at in events[key]) if is_whole else 0
                        went[project, person, person_now] = (identifiers | {identifier}, count)
        rows = rows_of(
            self._warehouse,
            "SELECT project_id, person_before, person_after, groupUniqArrayArray(identifiers), sum(event_count)"
            f" FROM {{marts}}.identity_changes WHERE run > {last} AND kind != 'unmerge' GROUP BY 1, 2, 3",
        )
        in_book = {tuple(persons): (set(names), count if is_whole else 0) for *persons, names, count in rows}
        return [f"identity_changes: {line}" for line in different_cells(went, in_book)]

    def _now(self) -> Stretches:
        stretches: Stretches = defaultdict(list)
        for key, *stretch in rows_of(self._warehouse, PERSONS):
            stretches[key].append(tuple(stretch))
        return stretches

    def _last_run(self) -> int:
        [(run,)] = rows_of(self._warehouse, "SELECT max(run) FROM {marts}.run_commits WHERE model = 'identity_changes'")
        return int(run)
