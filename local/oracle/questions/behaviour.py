"""Are the numbers of the stock marts right, cell by cell?"""

from local.oracle.comparison import Check, different_cells
from local.oracle.engagement import active_users, lifecycle, stickiness
from local.oracle.evidence import Evidence
from local.oracle.retention import RetentionQuestion, retention

WINDOWS = (1, 7, 28)
PERIODS = 13


def every_day_has_its_active_users(evidence: Evidence) -> Check:
    """active_users_daily: distinct persons of the day and of the 7 and 28 days that end with it."""
    cells = active_users(evidence.expected.first_deeds_of_days, WINDOWS, all_deeds=evidence.expected.deeds)
    expected = {
        (project, str(day)): tuple(counts[window] for window in WINDOWS) for (project, _, day), counts in cells.items()
    }
    actual = {
        (project, str(day)): tuple(counts)
        for project, day, *counts in evidence.warehouse.rows(
            "select project_id, period_start, dau, wau, mau from {marts}.active_users_daily"
        )
    }
    return Check("active_users_daily: DAU, WAU, MAU", 3 * len(expected), "cells", different_cells(expected, actual))


def every_retention_cell_is_right(evidence: Evidence) -> Check:
    """retention_weekly: size, returns and completeness of every cohort and week."""
    question = RetentionQuestion(period="week", periods=PERIODS)
    cells = retention(evidence.expected.first_deeds_of_days, question, all_deeds=evidence.expected.deeds)
    expected = {
        (project, str(start), offset): (cell.cohort_size, cell.returned, cell.is_complete)
        for (project, _, start, offset), cell in cells.items()
    }
    actual = {
        (project, str(start), offset): (size, returned, bool(complete))
        for project, start, offset, size, returned, complete in evidence.warehouse.rows(
            """
            select project_id, cohort_start, period_number, cohort_size, returned, is_complete
            from {marts}.retention_weekly
            """
        )
    }
    return Check("retention_weekly", len(expected), "cells", different_cells(expected, actual))


def every_lifecycle_status_is_right(evidence: Evidence) -> Check:
    """lifecycle_weekly: persons of each week and status."""
    cells = lifecycle(evidence.expected.first_deeds_of_days, period="week", all_deeds=evidence.expected.deeds)
    expected = {(project, str(start), status): (persons,) for (project, _, start, status), persons in cells.items()}
    actual = {
        (project, str(start), status): (persons,)
        for project, start, status, persons in evidence.warehouse.rows(
            "select project_id, period_start, status, persons from {marts}.lifecycle_weekly"
        )
    }
    return Check("lifecycle_weekly", len(expected), "cells", different_cells(expected, actual))


def every_stickiness_is_right(evidence: Evidence) -> Check:
    """stickiness_weekly: persons by the number of weeks that they were active in."""
    cells = stickiness(evidence.expected.first_deeds_of_days, period="week", all_deeds=evidence.expected.deeds)
    expected = {(project, weeks): (persons,) for (project, _, weeks), persons in cells.items()}
    actual = {
        (project, weeks): (persons,)
        for project, weeks, persons in evidence.warehouse.rows(
            "select project_id, active_periods, persons from {marts}.stickiness_weekly"
        )
    }
    return Check("stickiness_weekly", len(expected), "cells", different_cells(expected, actual))
