"""Each event that went to another session, by a look at the facts before runs and after them."""

from collections import Counter

from local.oracle.comparison import different_cells
from tests.invariants.rows import Row, rows_of
from tests.invariants.warehouse import Warehouse

SESSIONS = """
    SELECT project_id, event_id, client_timestamp, session_id FROM {marts}.fct_events
"""


class MovedEvents:
    """Holds what each run writes into `session_id_map` against the facts as they were when the run before it had."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._run, self._sessions = self._last_run(), self._now()

    def wrong(self) -> list[str]:
        """A line for each session whose events went elsewhere, or did not, than the last run says."""
        before, last, run = self._sessions, self._run, self._last_run()
        # Left out of the run; the next one that builds it tells of this one too.
        if run == last:
            return []
        self._run, self._sessions = run, self._now()
        moved = Counter(
            (event[0], session, self._sessions.get(event, ""))
            for event, session in before.items()
            if session and session != self._sessions.get(event, "")
        )
        rows = rows_of(
            self._warehouse,
            "SELECT project_id, session_id, new_session_id, event_count"
            f" FROM {{marts}}.session_id_map WHERE run > {last} AND reason != 'followed'",
        )
        in_book = {tuple(key): count for *key, count in rows}
        return [f"session_id_map: {line}" for line in different_cells(moved, in_book)]

    def _now(self) -> dict[Row, str]:
        return {tuple(event): session for *event, session in rows_of(self._warehouse, SESSIONS)}

    def _last_run(self) -> int:
        [(run,)] = rows_of(self._warehouse, "SELECT max(run) FROM {marts}.run_commits WHERE model = 'session_id_map'")
        return int(run)
