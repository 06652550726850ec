"""Each identifier that went to another person, by a look at `person_ids` after each run."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import product

from local.oracle.comparison import different_cells
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
        self._run, self._persons = self._warehouse.last_run("identity_changes"), self._now()

    def wrong(self, *, is_whole: bool) -> list[str]:
        """After each run: a line for each two persons of whom it does not tell what went from one to the other.

        Events are counted where the run built all models (`is_whole`); else it may have been told before they came.
        """
        before, last, run = self._persons, self._run, self._warehouse.last_run("identity_changes")
        # Left out of the run; the next one that builds it tells of this one too.
        if run == last:
            return []
        self._run, self._persons = run, self._now()
        events = defaultdict(list)
        for key, at in self._warehouse.rows(EVENTS):
            events[key].append(at)
        went: dict[tuple[str, str, str], tuple[set[str], int]] = {}
        for persons, identifier, key, moved_from, moved_to in self._that_went(before):
            identifiers, count = went.get(persons, (set(), 0))
            count += sum(moved_from <= at < moved_to for at in events[key]) if is_whole else 0
            went[persons] = (identifiers | {identifier}, count)
        rows = self._warehouse.rows(
            "SELECT project_id, person_before, person_after, groupUniqArrayArray(identifiers), sum(event_count)"
            f" FROM {{marts}}.identity_changes WHERE run > {last} AND kind != 'unmerge' GROUP BY 1, 2, 3",
        )
        in_book = {tuple(persons): (set(names), count if is_whole else 0) for *persons, names, count in rows}
        return [f"identity_changes: {line}" for line in different_cells(went, in_book)]

    def _that_went(self, before: Stretches) -> Iterator[tuple[tuple[str, str, str], str, int, datetime, datetime]]:
        """Project and both persons, identifier, key, from when until when."""
        for key, stretches in before.items():
            for (start, end, person, project, identifier), now in product(stretches, self._persons.get(key, [])):
                start_now, end_now, person_now, *_ = now
                moved_from, moved_to = max(start, start_now), min(end, end_now)
                if person != person_now and moved_from < moved_to:
                    yield (project, person, person_now), identifier, key, moved_from, moved_to

    def _now(self) -> Stretches:
        stretches: Stretches = defaultdict(list)
        for key, *stretch in self._warehouse.rows(PERSONS):
            stretches[key].append(tuple(stretch))
        return stretches
