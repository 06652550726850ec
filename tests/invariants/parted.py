"""Each identifier that went to another person, by a look at `person_ids` after each run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from local.oracle.comparison import different_cells
from tests.invariants.causes import Causes, IdentityGraph
from tests.invariants.moves import Move, Stretches, moves, stretches_of
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.record import TIMEZONE

EVENTS = f"""
    SELECT identifier_key, occurred_at, toDate(occurred_at, '{TIMEZONE}') FROM {{marts}}.fct_events
    WHERE person_id != ''
"""
# Whose a session is, its first event with a user says; of those without one the first.
SESSIONS = f"""
    SELECT event.1, event.2, toDate(event.2, '{TIMEZONE}') FROM (
        SELECT argMin((identifier_key, occurred_at), (user_id = '', occurred_at, event_id, client_timestamp)) AS event
        FROM {{marts}}.fct_events WHERE session_id != '' GROUP BY project_id, session_id
    )
"""
CHANGES = """
    SELECT project_id, person_before, person_after, kind, cause_event_id, identifiers,
        event_count, session_count, day_count
    FROM {{marts}}.identity_changes WHERE run > {run} AND not still_connected
"""
# Project, both persons, kind and cause.
Change = tuple[str, str, str, str, str]
Times = dict[int, list[tuple[datetime, date]]]


@dataclass
class _Went:
    """Of an identifier."""

    events: int = 0
    sessions: int = 0
    days: set[date] = field(default_factory=set)


class PartedPersons:
    """Holds `identity_changes` against who had which identifier when it was built before."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._run = self._warehouse.last_run("identity_changes")
        self._persons, self._graph = stretches_of(self._warehouse), IdentityGraph.of(warehouse)

    def wrong(self, *, is_whole: bool, is_planned: bool = False) -> list[str]:
        """After each run: a line for each change that does not tell what went from one person to the other.

        Why, and how many events, sessions and days, is asked where the run built all models (`is_whole`); else it may
        have been told before they came. What another plan made so (`is_planned`), no message did.
        """
        last, run = self._run, self._warehouse.last_run("identity_changes")
        # Left out of the run; the next one that builds it tells of this one too.
        if run == last:
            return []
        before, graph = self._persons, self._graph
        self._run, self._persons, self._graph = run, stretches_of(self._warehouse), IdentityGraph.of(self._warehouse)
        graph_before = self._graph if is_planned else graph
        went = self._that_went(before, Causes(graph_before, self._graph) if is_whole else None)
        rows = [(tuple(row[:5]), row[5], tuple(row[6:])) for row in self._warehouse.rows(CHANGES.format(run=last))]
        told = [(*_as_asked(change, is_whole), name) for change, names, _ in rows for name in names]
        # Two stretches of an identifier may have causes of their own, each in a row.
        in_book = Counter(told if is_whole else set(told))
        expected = Counter((*change, identifier) for change, of_change in went.items() for identifier in of_change)
        wrong = different_cells(expected, in_book)
        if is_whole and not wrong:
            wrong = different_cells(
                {change: _counts(went[_as_asked(change, is_whole)], names) for change, names, _ in rows},
                {change: counts for change, _, counts in rows},
            )
        return [f"identity_changes: {line}" for line in wrong]

    def _that_went(self, before: Stretches, causes: Causes | None) -> dict[Change, dict[str, _Went]]:
        """By change and identifier."""
        events, sessions = self._times(EVENTS), self._times(SESSIONS)
        went = defaultdict[Change, dict[str, _Went]](lambda: defaultdict(_Went))
        for move in moves(before, self._persons):
            days = [day for at, day in events[move.key] if move.spans(at)]
            what = went[_change(move, causes)][move.identifier]
            what.events += len(days)
            what.sessions += sum(move.spans(at) for at, _ in sessions[move.key])
            what.days.update(days)
        return went

    def _times(self, sql: str) -> Times:
        times: Times = defaultdict(list)
        for key, *at in self._warehouse.rows(sql):
            times[key].append(tuple(at))
        return times


def _change(move: Move, causes: Causes | None) -> Change:
    kind = cause = ""
    if move.is_takeover:
        kind, cause = "takeover", causes.of_takeover(move) if causes else ""
    elif causes:
        # Who is one person still with whom that was named by was not parted from it.
        kind = "merge" if move.namesake_now == move.person_after else "split"
        cause = causes.of(kind, (move.project, move.node_before))
    return move.project, move.person_before, move.person_after, kind, cause


def _as_asked(change: Change, is_whole: bool) -> Change:
    """Without why, which is not asked where not all models were built."""
    if is_whole:
        return change
    project, before, after, kind, _ = change
    return project, before, after, kind if kind == "takeover" else "", ""


def _counts(went: Mapping[str, _Went], identifiers: Iterable[str]) -> tuple[int, int, int]:
    """Events, sessions and days."""
    each = [went[identifier] for identifier in identifiers]
    days = set[date]().union(*(what.days for what in each))
    return sum(what.events for what in each), sum(what.sessions for what in each), len(days)
