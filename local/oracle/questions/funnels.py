"""Is the stock funnel right?"""

from local.oracle.behaviour import Step
from local.oracle.comparison import Check, different_cells, rounded
from local.oracle.evidence import Evidence
from local.oracle.funnels import FunnelQuestion, funnel

STEPS = ("view_item", "add_to_cart", "begin_checkout", "purchase")


def every_funnel_step_is_right(evidence: Evidence) -> Check:
    """funnel_purchase: persons, open windows and times of every step."""
    # In an ordered funnel without exclusions no other event can change a count.
    deeds = [deed for deed in evidence.expected.human_deeds if deed.event in STEPS]
    question = FunnelQuestion(tuple(Step((name,)) for name in STEPS))
    cells = funnel(deeds, question, all_deeds=evidence.expected.deeds)
    expected = {
        (project, STEPS[number - 1]): (
            cell.entered,
            cell.incomplete,
            rounded(cell.median_seconds_from_previous),
            rounded(cell.p90_seconds_from_previous),
        )
        for (project, _, number), cell in cells.items()
    }
    actual = {
        (project, step): (entered, incomplete, rounded(median), rounded(p90))
        for project, step, entered, incomplete, median, p90 in evidence.warehouse.rows(
            """
            select
                project_id, step_name, entered, incomplete, median_seconds_from_previous, p90_seconds_from_previous
            from {marts}.funnel_purchase
            """
        )
    }
    return Check("funnel_purchase: persons, times", 4 * len(expected), "cells", different_cells(expected, actual))
