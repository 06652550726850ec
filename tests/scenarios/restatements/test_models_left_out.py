"""News that a run left out of a model between come to its mart later, and are told then."""

from functools import partial

from tests.scenarios import records
from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "left_out"
MODELS = "+retention_daily restatements"
event = partial(records.event, PROJECT)


def test_a_number_tells_of_the_news_that_a_model_between_heard_later(marts: Marts) -> None:
    first = [event(f"{name} on {day}", day, user_id=name) for name in ("ada", "ben") for day in (2, 4)]
    land(marts.client, marts.settings.raw_database, {"events": first})
    marts.build(MODELS, tests=False)
    land(marts.client, marts.settings.raw_database, {"events": [event("late", 3, user_id="ada")]})
    for left_out in ("--exclude int_day_returns", ""):
        marts.build(f"{MODELS} {left_out}", tests=False)
    restated = marts.rows(f"""
        SELECT old, new, reasons FROM {{marts}}.restatements
        WHERE project_id = '{PROJECT}' AND measure = 'returned'
            AND key['cohort_start'] = '2026-03-02' AND key['period_number'] = '1'
    """)
    assert restated == [{"old": 0, "new": 1, "reasons": ["late"]}]
