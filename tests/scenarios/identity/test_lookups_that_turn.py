"""What looks persons up is not built while the look-up is behind, and no change of persons is lost by that."""

from functools import partial

import pytest

from tests.scenarios import records
from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "turning"
MODELS = "+fct_events +trends_daily restatements"
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)


def persons(marts: Marts) -> list[str]:
    """The person of each event, in the order of their ids."""
    rows = marts.rows(f"SELECT person_id FROM {{marts}}.fct_events WHERE project_id = '{PROJECT}' ORDER BY event_id")
    return [row["person_id"] for row in rows]


def test_a_merge_that_the_look_up_has_not_heard_of_is_counted_once_it_has(marts: Marts) -> None:
    of_both = [event("1", 9, user_id="ada"), event("2", 9, user_id="ben")]
    of_several = [event("3", 4, device_id="tablet", user_id="ada"), event("4", 5, device_id="tablet", user_id="cyd")]
    land(
        marts.client,
        marts.settings.raw_database,
        {"events": [*of_both, *of_several, event("5", 6, device_id="tablet")]},
    )
    marts.build(MODELS, tests=False)
    ada, ben, ada_too, cyd, cyd_too = apart = persons(marts)
    assert (ada_too, cyd_too) == (ada, cyd)
    assert len({ada, ben, cyd, ""}) == 4
    merge = message("join", "merge", 10, user_id="ada", previous_id="ben")
    land(marts.client, marts.settings.raw_database, {"identities": [merge]})
    marts.build("+person_ids", tests=False)
    with pytest.raises(AssertionError, match="trends_daily looks up in person_lookup, which has not been loaded since"):
        marts.build("trends_daily", tests=False)
    # What the look-up holds stays: a server that starts again loads it.
    marts.maintain()
    for dictionary in ("person_lookup", "person_segment_lookup"):
        for slot in (0, 1):
            marts.client.command(f"SYSTEM RELOAD DICTIONARY {marts.settings.marts_database}.{dictionary}_{slot}")
    assert persons(marts) == apart
    marts.build("person_lookup", tests=False)
    assert len(set(persons(marts))) == 2
    marts.build("trends_daily restatements", tests=False)
    restated = marts.rows(f"""
        SELECT old, new, reasons FROM {{marts}}.restatements
        WHERE project_id = '{PROJECT}' AND model = 'trends_daily' AND key['measure_name'] = 'persons'
            AND key['event'] = 'see' AND period_start = '2026-03-09'
    """)
    assert restated == [{"old": 2, "new": 1, "reasons": ["merge"]}]
