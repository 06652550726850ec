"""Look-ups of persons turn together, and no model reads them while they are behind."""

from functools import partial

import pytest

from orchestration.lib.closed_rows import remove_closed_rows
from tests.scenarios import records
from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "turning"
MODELS = "+fct_events +trends_daily restatements"
LOOKUPS = ("person_lookup", "person_segment_lookup")
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)


def persons(marts: Marts) -> dict[str, str]:
    """The person of each event."""
    rows = marts.rows(f"SELECT event_id, person_id FROM {{marts}}.fct_events WHERE project_id = '{PROJECT}'")
    return {row["event_id"]: row["person_id"] for row in rows}


def test_a_device_of_several_is_somebodys_though_the_look_up_that_it_went_to_was_not_built(marts: Marts) -> None:
    first = [event("ada's", 2, device_id="tablet", user_id="ada"), event("later", 4, device_id="tablet")]
    land(marts.client, marts.settings.raw_database, {"events": first})
    marts.build(MODELS, tests=False)
    before = persons(marts)
    assert before["later"] == before["ada's"]
    land(marts.client, marts.settings.raw_database, {"events": [event("ben's", 3, device_id="tablet", user_id="ben")]})
    marts.build("+person_lookup", tests=False)
    assert persons(marts) == {**before, "ben's": ""}
    marts.build(MODELS, tests=False)
    after = persons(marts)
    assert after["ada's"] == before["ada's"]
    assert after["later"] == after["ben's"] not in ("", after["ada's"])


def test_a_merge_that_no_look_up_has_heard_of_is_counted_by_nobody_yet_and_is_not_lost(marts: Marts) -> None:
    both = [event(f"{name} again", 9, user_id=name) for name in ("ada", "ben")]
    land(marts.client, marts.settings.raw_database, {"events": both})
    marts.build(MODELS, tests=False)
    apart = persons(marts)
    merge = message("join", "merge", 10, user_id="ada", previous_id="ben")
    land(marts.client, marts.settings.raw_database, {"identities": [merge]})
    marts.build("+person_ids", tests=False)
    for models in ("trends_daily", "person_lookup trends_daily"):
        with pytest.raises(
            AssertionError, match=r"trends_daily looks up in person_\w*lookup, which has not been loaded since"
        ):
            marts.build(models, tests=False)
    # What the look-ups hold stays: a server that starts again loads it.
    marts.forget_old_runs()
    remove_closed_rows(marts.client, marts.settings.marts_database, marts.versioned_models, least_share=0)
    for lookup in LOOKUPS:
        for slot in (0, 1):
            marts.client.command(f"SYSTEM RELOAD DICTIONARY {marts.settings.marts_database}.{lookup}_{slot}")
    assert persons(marts) == apart
    marts.build(" ".join(LOOKUPS), tests=False)
    assert len(set(persons(marts).values())) == 1
    marts.build("trends_daily", tests=False)
    restated = marts.rows(f"""
        SELECT old, new, reasons FROM {{marts}}.run_restatements
        WHERE project_id = '{PROJECT}' AND model = 'trends_daily' AND key['measure_name'] = 'persons'
            AND key['event'] = 'see' AND period_start = '2026-03-09'
    """)
    assert restated == [{"old": 2, "new": 1, "reasons": ["merge"]}]
