"""Who was who after each run, as `person_id_history` tells it later."""

from collections import Counter
from datetime import datetime

from local.oracle.comparison import different_cells
from tests.invariants.warehouse import Row, Warehouse

COLUMNS = "project_id, identifier_kind, identifier, identifier_key, valid_from, valid_to, person_id"
PERSONS = f"SELECT {COLUMNS} FROM {{marts}}.person_ids"
AS_KNOWN = f"""
    SELECT {COLUMNS} FROM {{{{marts}}}}.person_id_history
    WHERE known_from <= '{{at:%Y-%m-%d %H:%M:%S.%f}}' AND known_to > '{{at:%Y-%m-%d %H:%M:%S.%f}}'
"""


class KnownPersons:
    """Keeps `person_ids` as readers saw it after each run, to hold its history against at the end."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._seen: list[tuple[datetime, Counter[Row]]] = []
        self.look()

    def look(self) -> None:
        """After each run."""
        [(at,)] = self._warehouse.rows("SELECT now64(3, 'UTC')")
        self._seen.append((at, Counter(self._warehouse.rows(PERSONS))))

    def wrong(self) -> list[str]:
        """A line for each identifier of whom it is not told who it was after a run."""
        return [
            f"person_id_history: as of {at}: {line}"
            for at, persons in self._seen
            for line in different_cells(persons, Counter(self._warehouse.rows(AS_KNOWN.format(at=at))))
        ]
