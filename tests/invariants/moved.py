"""Each event that went to another session, by a look at the facts after each run."""

from collections import Counter

from local.oracle.comparison import different_cells
from tests.invariants.warehouse import Row, Warehouse

SESSIONS = """
    SELECT project_id, event_id, client_timestamp, session_id FROM {marts}.fct_events
"""


class MovedEvents:
    """Holds `session_id_map` against the sessions that readers saw events in."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._run = self._warehouse.last_run("session_id_map")
        self._seen = [self._now()]

    def wrong(self) -> list[str]:
        """After each run: a line for each session whose events went elsewhere, or did not, than it says."""
        last, run, now = self._run, self._warehouse.last_run("session_id_map"), self._now()
        before = {(event, session) for sessions in self._seen for event, session in sessions.items() if session}
        self._run = run
        # Where it was left out of the run, the next one with it tells of this one, too.
        self._seen = [now] if run > last else [*self._seen, now]
        if run == last:
            return []
        moved = Counter(
            (event[0], session, now.get(event, "")) for event, session in before if session != now.get(event, "")
        )
        rows = self._warehouse.rows(
            "SELECT project_id, session_id, new_session_id, event_count"
            f" FROM {{marts}}.session_id_map WHERE run > {last} AND reason != 'followed'",
        )
        in_book = {tuple(key): count for *key, count in rows}
        return [f"session_id_map: {line}" for line in different_cells(moved, in_book)]

    def _now(self) -> dict[Row, str]:
        return {tuple(event): session for *event, session in self._warehouse.rows(SESSIONS)}
