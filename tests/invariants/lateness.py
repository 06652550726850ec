"""How late events came, counted by Python from the times that the facts have."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from local.oracle.comparison import different_cells
from local.oracle.quantile import quantile
from tests.invariants.truth import Truth
from tests.invariants.warehouse import Row, Warehouse

TIMES = """
    SELECT project_id, topic, toDate(occurred_at, 'UTC'),
        toUnixTimestamp64Milli(occurred_at) - toUnixTimestamp64Milli(client_timestamp),
        arrayMap(
            reached -> toUnixTimestamp64Milli(reached) - toUnixTimestamp64Milli(occurred_at),
            [received_at, kafka_timestamp, loaded_at]
        )
    FROM {marts}.int_events_sessionized
"""
LATENESS = """
    SELECT project_id, topic, occurred_date, way_point, event_count,
        round(late_1m_share, 6), round(late_1h_share, 6), round(late_1d_share, 6),
        round(p50_seconds, 6), round(p95_seconds, 6), max_seconds, corrected_count, max_correction_seconds
    FROM {marts}.event_lateness
"""
WAY_POINTS = ("received", "kafka", "loaded")
LATE_MS = (60_000, 3_600_000, 86_400_000)
# Of an event at a way point: how late it was, and by how much its time was corrected, both in milliseconds.
Late = tuple[int, int]


def wrong_lateness(warehouse: Warehouse, _: Truth) -> list[str]:
    """A line for each day and way point that is not what the times of its events make of it."""
    lates = defaultdict[Row, list[Late]](list)
    for project, topic, day, correction, reached in warehouse.rows(TIMES):
        for way_point, late in zip(WAY_POINTS, reached, strict=True):
            if late is not None:
                lates[project, topic, day, way_point].append((late, correction))
    expected = {key: _cell(of_key) for key, of_key in lates.items()}
    actual = {row[:4]: row[4:] for row in warehouse.rows(LATENESS)}
    return [f"event_lateness: {line}" for line in different_cells(expected, actual)]


def _cell(lates: Sequence[Late]) -> tuple[Any, ...]:
    seconds = sorted(late / 1000 for late, _ in lates)
    corrections = [abs(correction) / 1000 for _, correction in lates]
    return (
        len(lates),
        *(round(sum(late > least for late, _ in lates) / len(lates), 6) for least in LATE_MS),
        round(quantile(seconds, 0.5), 6),
        round(quantile(seconds, 0.95), 6),
        seconds[-1],
        sum(correction != 0 for correction in corrections),
        max(corrections),
    )
