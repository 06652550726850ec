"""Each event that went to another session, and where each session is now, by a look at the facts after each run."""

from collections import Counter

from local.oracle.comparison import different_cells
from tests.invariants.warehouse import Row, Warehouse

SESSIONS = """
    SELECT project_id, event_id, client_timestamp, session_id FROM {marts}.fct_events
    ORDER BY occurred_at, event_id, client_timestamp
"""
CURRENT = "SELECT project_id, session_id, current_session_id FROM {marts}.current_session_ids"


class MovedEvents:
    """Holds `session_id_map` and `current_session_ids` against the sessions that readers saw events in."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        # The first event of each session when it was last seen, which names it. Of two events with one id, sent at two
        # times, that have one time as well, either does, and the session keeps its id where one of them leaves.
        self._first_events: dict[tuple[str, str], Row] = {}
        self.look()

    def look(self) -> None:
        """After a run that built the events whole: it tells of sessions that vanished, not of each event."""
        self._run = self._warehouse.last_run("session_id_map")
        self._seen = [self._now()]

    def wrong(self) -> list[str]:
        """After each other run: a line for each session whose events went elsewhere, or did not, than it says."""
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

    def wrong_now(self) -> list[str]:
        """After the last run, of all models: a line for each session ever seen that is said to be where it is not."""
        sessions = self._now()
        told = {(project, session): current for project, session, current in self._warehouse.rows(CURRENT)}
        expected = {key: sessions.get(event, "") for key, event in self._first_events.items()}
        # One that never lost an event is not there.
        actual = {key: told.get(key, key[1]) for key in expected}
        return [f"current_session_ids: {line}" for line in different_cells(expected, actual)]

    def _now(self) -> dict[Row, str]:
        sessions: dict[Row, str] = {}
        first_events: dict[tuple[str, str], Row] = {}
        for *event, session in self._warehouse.rows(SESSIONS):
            sessions[tuple(event)] = session
            if session:
                first_events.setdefault((event[0], session), tuple(event))
        self._first_events |= first_events
        return sessions
