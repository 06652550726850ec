"""A run changes who is who: what it changed is told, and what was known before can still be asked."""

import json
from datetime import datetime
from typing import Any

import pytest

from tests.macros.harness import Macros
from tests.scenarios.conftest import Marts
from tests.support.landing import land

PROJECT = "known"
REJOINED = "rejoined"
LENT = "lent"
MODELS = "+identity_changes +fct_events person_id_history person_lookup_history dim_persons_history"
MESSAGES = "stg_raw__identity_copies stg_raw__identities"
DAYS = [f"2026-03-0{day}T12:00:00Z" for day in range(1, 8)]


def o_clock(hour: int) -> str:
    return f"2026-03-01T{hour:02}:00:00Z"


def event(name: str, day: int, *, at: str = "", project: str = PROJECT, **ids: str) -> dict[str, Any]:
    return {"event_id": name, "event": "see", "timestamp": at or DAYS[day], "project_id": project, **ids}


def message(name: str, kind: str, day: int, *, at: str = "", project: str = PROJECT, **ids: str) -> dict[str, Any]:
    return {"event_id": name, "type": kind, "timestamp": at or DAYS[day], "project_id": project, **ids}


# Of two equal keys the first counts.
RENAMED = {**message("renamed", "set", 4, user_id="ben"), "properties": {"name": "A. Lovelace"}}
RENAMED_TWICE = json.dumps(RENAMED).replace('"A. Lovelace"', '"A. Lovelace", "name": "Lady Lovelace"')
BATCHES: list[dict[str, list[dict[str, Any] | str]]] = [
    {
        "events": [
            event("browse", 0, device_id="phone"),
            event("ada's", 1, user_id="ada"),
            event("ben's", 1, user_id="ben"),
            *(event(f"{user}'s", 1, user_id=user, project=REJOINED) for user in ("eve", "fay", "gus", "hal")),
            *(event(f"hour {hour}", 0, device_id="tablet", at=o_clock(hour)) for hour in (10, 13, 14)),
            *(event(f"hour {hour}", 0, device_id="desk", at=o_clock(hour), project=LENT) for hour in (10, 13, 16)),
        ],
        "identities": [
            message("cat's", "identify", 0, device_id="tablet", user_id="cat", at=o_clock(11)),
            message("dan's", "identify", 0, device_id="tablet", user_id="dan", at=o_clock(12)),
            message("gil's", "identify", 0, device_id="desk", user_id="gil", at=o_clock(9), project=LENT),
        ],
        "people": [{**message("named", "set", 0, user_id="ada"), "properties": {"name": "Ada"}}],
    },
    {
        "identities": [
            message("login", "identify", 2, device_id="phone", user_id="ada"),
            message("gil's again", "identify", 0, device_id="desk", user_id="gil", at=o_clock(11), project=LENT),
            message("ivy's", "identify", 0, device_id="desk", user_id="ivy", at=o_clock(12), project=LENT),
            message("ivy's again", "identify", 0, device_id="desk", user_id="ivy", at=o_clock(14), project=LENT),
        ],
    },
    {
        "identities": [
            message("join", "merge", 3, user_id="ada", previous_id="ben"),
            message("eve is fay", "merge", 3, user_id="eve", previous_id="fay", project=REJOINED),
            message("fay is gus", "merge", 3, user_id="fay", previous_id="gus", project=REJOINED),
        ],
        "people": [RENAMED_TWICE],
    },
    {
        "identities": [
            message("part", "unmerge", 4, user_id="ada", previous_id="ben"),
            message("eve is not fay", "unmerge", 5, user_id="eve", previous_id="fay", project=REJOINED),
            message("fay is gus still", "merge", 4, user_id="fay", previous_id="gus", project=REJOINED),
            message("eve is hal", "merge", 4, user_id="eve", previous_id="hal", project=REJOINED),
            message("ivy's once more", "identify", 0, device_id="desk", user_id="ivy", at=o_clock(13), project=LENT),
            message("left", "reset", 0, device_id="desk", at=o_clock(15), project=LENT),
            # Who had the rest of the tablet's day did not log in.
            message("not dan's", "unmerge", 4, device_id="tablet", user_id="dan"),
        ]
    },
]


def persons(marts: Marts, project: str) -> list[list[str]]:
    """The identifiers of each person."""
    rows = marts.rows(f"""
        SELECT arraySort(groupArray(identifier)) AS identifiers
        FROM {{marts}}.person_ids WHERE project_id = '{project}' GROUP BY person_id ORDER BY identifiers
    """)
    return [row["identifiers"] for row in rows]


@pytest.fixture(scope="module")
def built(marts: Marts) -> tuple[Marts, list[datetime]]:
    """The warehouse after each batch was built, and when each run was finished."""
    finished = []
    for batch in BATCHES:
        land(marts.client, marts.settings.raw_database, batch)
        marts.build(MODELS)
        [row] = marts.rows("SELECT max(finished_at) AS at FROM {marts}.run_commits")
        finished.append(row["at"])
    return marts, finished


def test_every_change_is_told_with_the_message_that_made_it(built: tuple[Marts, list[datetime]]) -> None:
    marts, _ = built
    rows = marts.rows(f"""
        SELECT toString(kind) AS kind, cause_event_id, identifiers, event_count, session_count, day_count
        FROM {{marts}}.identity_changes WHERE project_id = '{PROJECT}' ORDER BY run, kind
    """)
    assert [tuple(row.values()) for row in rows] == [
        ("takeover", "login", ["phone"], 1, 1, 1),
        ("merge", "join", ["ben"], 1, 1, 1),
        ("split", "part", ["ben"], 1, 1, 1),
        ("takeover", "not dan's", ["tablet"], 2, 2, 1),
    ]


def test_a_device_was_taken_over_by_who_logged_in_and_is_nobodys_after_a_reset(
    built: tuple[Marts, list[datetime]],
) -> None:
    """Not by who had it already, though that one logged in again before."""
    marts, _ = built
    rows = marts.rows(f"""
        SELECT toString(kind) AS kind, cause_event_id, event_count
        FROM {{marts}}.identity_changes WHERE project_id = '{LENT}' ORDER BY run
    """)
    assert [tuple(row.values()) for row in rows] == [("takeover", "ivy's", 2), ("takeover", "left", 1)]


def test_who_was_parted_is_told_so_with_all_who_went_along_though_others_were_joined(
    built: tuple[Marts, list[datetime]],
) -> None:
    marts, _ = built
    rows = marts.rows(f"""
        SELECT toString(kind) AS kind, cause_event_id, identifiers, event_count
        FROM {{marts}}.identity_changes WHERE project_id = '{REJOINED}' ORDER BY run, identifiers
    """)
    assert [tuple(row.values()) for row in rows] == [
        ("merge", "eve is fay", ["fay"], 1),
        ("merge", "fay is gus", ["gus"], 1),
        ("split", "eve is not fay", ["fay", "gus"], 2),
        ("merge", "eve is hal", ["hal"], 1),
    ]


def test_an_event_has_the_person_that_was_known_at_a_time(built: tuple[Marts, list[datetime]]) -> None:
    marts, finished = built
    persons = []
    for at in finished:
        sql = Macros().call("person_id_of", as_of=f"{at:%Y-%m-%d %H:%M:%S.%f}")
        sql = sql.replace("person_lookup_history", f"{marts.settings.marts_database}.person_lookup_history")
        rows = marts.rows(f"""
            SELECT groupArray(person) AS persons FROM (
                SELECT {sql} AS person FROM {{marts}}.fct_events
                WHERE project_id = '{PROJECT}' AND device_id != 'tablet' ORDER BY event_id
            )
        """)
        persons.append(rows[0]["persons"])
    ada, ben, phone = persons[0]
    assert len({ada, ben, phone}) == 3
    assert persons == [[ada, ben, phone], [ada, ben, ada], [ada, ada, ada], [ada, ben, ada]]


def test_versions_of_a_profile_follow_the_messages_of_all_its_users(built: tuple[Marts, list[datetime]]) -> None:
    marts, _ = built
    rows = marts.rows(f"""
        SELECT toString(properties) AS properties, toString(toDate(valid_from)) AS since
        FROM {{marts}}.dim_persons_history WHERE project_id = '{PROJECT}' ORDER BY valid_from
    """)
    assert [tuple(row.values()) for row in rows] == [
        ('{"name":"Ada"}', "2026-03-01"),
        ('{"name":"A. Lovelace"}', "2026-03-05"),
    ]


def test_a_device_that_has_no_owners_yet_joins_nobody(built: tuple[Marts, list[datetime]]) -> None:
    marts, _ = built
    joins = [
        message(f"{name} is on it", "merge", 5, project="unowned", device_id=f"{name}'s", user_id=name)
        for name in ("jo", "kim")
    ]
    land(marts.client, marts.settings.raw_database, {"identities": joins})
    marts.build(f"{MESSAGES} int_identity_edges int_identity_components person_ids person_lookup", tests=False)
    assert persons(marts, "unowned") == [["jo"], ["kim"]]
    marts.build(MODELS, tests=False)
    assert persons(marts, "unowned") == [["jo", "jo's"], ["kim", "kim's"]]


def test_what_persons_have_not_heard_of_is_not_told(built: tuple[Marts, list[datetime]]) -> None:
    marts, _ = built
    for kind in ("merge", "unmerge"):
        landed = message(kind, kind, 5 if kind == "merge" else 6, project="unheard", user_id="lea", previous_id="max")
        land(marts.client, marts.settings.raw_database, {"identities": [landed]})
        if kind == "unmerge":
            with pytest.raises(AssertionError, match="identity_changes tells what person_ids made of the messages"):
                marts.build(f"{MESSAGES} int_identity_edges person_ids identity_changes", tests=False)
        marts.build(MODELS, tests=False)
    rows = marts.rows("""
        SELECT toString(kind) AS kind, cause_event_id, still_connected
        FROM {marts}.identity_changes WHERE project_id = 'unheard'
    """)
    assert [tuple(row.values()) for row in rows] == [("split", "unmerge", False)]


def test_tables_that_are_never_made_anew_follow_the_columns_of_their_models(
    built: tuple[Marts, list[datetime]],
) -> None:
    marts, _ = built
    shown = [
        "SELECT * FROM {marts}.person_ids WHERE project_id != 'followed' ORDER BY ALL",
        "SELECT * EXCEPT (day_count) FROM {marts}.identity_changes ORDER BY ALL",
    ]
    before = [marts.rows(query) for query in shown]
    assert all(before)

    # As if made by a release that had other columns, in another order.
    person_ids, changes = (
        f"{marts.settings.marts_database}.{name}_data" for name in ("person_ids", "identity_changes")
    )
    marts.client.command(f"ALTER TABLE {person_ids} MODIFY COLUMN canonical_node String AFTER identifier")
    marts.client.command(f"ALTER TABLE {person_ids} DROP COLUMN is_joined")
    marts.client.command(f"ALTER TABLE {changes} MODIFY COLUMN person_after String AFTER kind, DROP COLUMN day_count")
    events = [event(f"{user}'s", 1, user_id=user, project="followed") for user in ("cyd", "dee")]
    land(marts.client, marts.settings.raw_database, {"events": events})
    marts.builder.build("--full-refresh", "--select", *MODELS.split())
    assert [marts.rows(query) for query in shown] == before

    join = message("cyd is dee", "merge", 6, user_id="cyd", previous_id="dee", project="followed")
    land(marts.client, marts.settings.raw_database, {"identities": [join]})
    marts.build(MODELS, tests=False)
    [told] = marts.rows("""
        SELECT person_before, person_after, day_count FROM {marts}.identity_changes WHERE project_id = 'followed'
    """)
    assert told["person_before"] != told["person_after"]
    assert told["day_count"] == 1
    persons = marts.rows("""
        SELECT DISTINCT lower(hex(sipHash128(project_id, canonical_node))) AS person, person_id, is_joined
        FROM {marts}.person_ids WHERE project_id = 'followed'
    """)
    assert persons == [{"person": told["person_after"], "person_id": told["person_after"], "is_joined": True}]

    for model in ("person_ids", "identity_changes"):
        table = f"{marts.settings.marts_database}.{model}_data"
        marts.client.command(f"ALTER TABLE {table} ADD COLUMN gone String")
        with pytest.raises(AssertionError, match=f"`alter table .*{model}_data.* drop column `gone``"):
            marts.builder.build("--full-refresh", "--select", model)
        marts.client.command(f"ALTER TABLE {table} DROP COLUMN gone")
