"""Late events change sessions: old ids lead to the new ones, and later visits are taken from another channel."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.scenarios.conftest import Marts
from tests.support.clickhouse import connect
from tests.support.landing import land

START_MS = 1_772_000_000_000
MINUTE_MS, DAY_MS = 60_000, 86_400_000
# To the year 2201; a Date ends in 2149.
FAR_MINUTES = 92_000_000
MODELS = "+fct_sessions +fct_events +current_session_ids +events_live"
# The last one lands before a full refresh.
BATCHES = 4


def event(story: str, name: str, minute: float, **more: Any) -> dict[str, Any]:
    return {
        "event_id": f"{story}-{name}", "event": "see", "timestamp": START_MS + int(minute * MINUTE_MS),
        "project_id": story, "device_id": story, **more,
    }  # fmt: skip


def visit(name: str, day: int, source: str = "", **more: Any) -> dict[str, Any]:
    return event("touched", name, day * 1440, properties={"utm_source": source} if source else {}, **more)


# What lands in each batch, by story; each is a project.
STORIES: dict[str, list[list[dict[str, Any]]]] = {
    "renamed": [
        [event("renamed", "first", 20), event("renamed", "second", 25)],
        [event("renamed", "earlier", 10)],
        [event("renamed", "earliest", 0)],
        [event("renamed", "before all", -5)],
    ],
    "joined": [
        [event("joined", "first", 0), event("joined", "apart", 50)],
        [event("joined", "between", 25)],
        [event("joined", "earlier", -5)],
    ],
    "far": [
        [event("far", "first", FAR_MINUTES), event("far", "apart", FAR_MINUTES + 50)],
        [event("far", "between", FAR_MINUTES + 25)],
    ],
    "split": [
        [event("split", str(minute), minute, user_id="one") for minute in (0, 10, 20, 21)],
        [event("split", "other", 15, user_id="two")],
    ],
    "regrouped": [
        [event("regrouped", str(minute), minute, user_id="one") for minute in (0, 10, 20)]
        + [event("regrouped", "apart", 55, user_id="one")],
        [event("regrouped", "other", 15, user_id="two"), event("regrouped", "between", 35, user_id="one")],
    ],
    "back": [
        [event("back", "first", 10)],
        [event("back", "earlier", 5)],
        # A better copy says that it was somebody else.
        [event("back", "earlier", 5, device_id="another", received_at=START_MS)],
    ],
    # In between a better copy sets the clock of the second one right.
    "corrected": [
        [event("corrected", "first", 20), event("corrected", "second", 25)],
        [event("corrected", "earlier", 10)],
    ],
    # Two events of one id, at one time once their clocks are set right.
    "twins": [
        [
            event("twins", "first", 0),
            event("twins", "twin", 50),
            event("twins", "twin", 55, sent_at=START_MS + 5 * MINUTE_MS, received_at=START_MS),
        ],
        [event("twins", "between", 25)],
    ],
    # What `events_live` has to tell before a run: copies of either fate, one beside them, a new agent, values as sent.
    "live": [
        [
            event("live", "kept", 0, received_at=START_MS),
            event("live", "beside", 0, properties={"sizes": [1, 2]}),
            event("live", "replaced", 0),
        ],
        [
            event("live", "kept", 0, received_at=START_MS + 1, properties={"page": "/worse"}),
            event("live", "replaced", 0, received_at=START_MS, properties={"page": "/better"}),
            event(
                "live",
                "new",
                1,
                device_id="new",
                properties={"user_agent": "Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X)"},
            ),
            event("live", "new", 1, device_id="new", properties={"page": "/copy"}),
            event("live", "sized", 1, properties={"sizes": [1, 2.5, "m", True], "since": "2026-01-05T10:00:00Z"}),
        ],
    ],
    "touched": [
        [visit("direct", 10), visit("later", 45)],
        [visit("mail", 4, "newsletter")],
        [visit("ads", 5, "google"), visit("old", -30, "facebook")],
    ],
}

# Lands before the second batch, and the facts alone are built of it.
IN_BETWEEN = event("corrected", "second", 25, sent_at=START_MS, received_at=START_MS + MINUTE_MS)

# Asked of `events_live` before a run and of `fct_events` after it: persons are gathered by identifier there.
QUESTIONS = (
    "funnel_persons(['see'], events=ref('{relation}'))",
    "trends('*', measure='persons', breakdown='project_id', events=ref('{relation}'))",
)
LIVE = "SELECT * EXCEPT (session_id, properties), toString(properties) AS properties FROM {marts}."


def land_batch(marts: Marts, number: int) -> None:
    events = [one for batches in STORIES.values() if number < len(batches) for one in batches[number]]
    land(marts.client, marts.settings.raw_database, {"events": events})


def rows_of(marts: Marts, relation: str) -> list[str]:
    """All rows, without their sessions: what has not been in a run has none."""
    return sorted(str(row) for row in marts.rows(LIVE + relation))


def compiled(marts: Marts, relation: str) -> list[str]:
    """The questions as SQL."""
    return [
        marts.builder.compiled(f"select * from {{{{ {question.format(relation=relation)} }}}}")
        for question in QUESTIONS
    ]


def answers(marts: Marts, questions: Iterable[str]) -> list[list[str]]:
    return [sorted(map(str, marts.client.query(question).result_rows)) for question in questions]


Sessions = tuple[Marts, list[dict[str, str]], list[dict[str, str]]]


@pytest.fixture(scope="module")
def sessions(marts: Marts) -> Sessions:
    """After each batch: the session of every event, and the channel of every session by its first event."""
    ids, channels = [], []
    of_live, of_facts = (compiled(marts, relation) for relation in ("events_live", "fct_events"))
    for number in range(BATCHES):
        if number == 1:
            land(marts.client, marts.settings.raw_database, {"events": [IN_BETWEEN]})
            marts.build("+int_events_sessionized")
        land_batch(marts, number)
        # Of all that it shows the reader of marts may read these alone.
        with connect(marts.settings, "bi") as client:
            bi = replace(marts, client=client)
            live = (rows_of(bi, "events_live"), answers(bi, of_live)) if number else None
        if number == BATCHES - 1:
            marts.builder.build("--select", *MODELS.split(), "--full-refresh")
        else:
            marts.build(MODELS, tests=number == 1)
        if live is not None:
            built = (rows_of(marts, "fct_events"), answers(marts, of_facts))
            assert live == built, f"events_live before the build of batch {number}"
        assert rows_of(marts, "events_live") == rows_of(marts, "fct_events")
        ids.append({row["event_id"]: row["session_id"] for row in marts.rows("SELECT * FROM {marts}.fct_events")})
        rows = marts.rows("""
            SELECT first_event_id, toString(fct_sessions.channel) AS channel
            FROM {marts}.fct_sessions INNER JOIN {marts}.int_sessions_aggregated USING (project_id, session_id)
            WHERE project_id = 'touched'
        """)
        channels.append({row["first_event_id"].removeprefix("touched-"): row["channel"] for row in rows})
    return marts, ids, channels


def told(sessions: Sessions, story: str, batches: Iterable[int]) -> list[tuple[Any, ...]]:
    """What the ledger says of a story after each of these batches, with each id by the event it is made of."""
    marts, ids, _ = sessions
    names: dict[str, str] = {}
    for of_batch in ids:
        for event_id, session in of_batch.items():
            names.setdefault(session, event_id.removeprefix(f"{story}-"))
    firsts = marts.rows("SELECT DISTINCT session_id, first_event_id FROM {marts}.session_id_map WHERE has_first_event")
    names |= {row["session_id"]: row["first_event_id"].removeprefix(f"{story}-") for row in firsts}
    commits = marts.rows("SELECT run FROM {marts}.run_commits WHERE model = 'session_id_map' ORDER BY run")
    runs = [row["run"] for row in commits]
    rows = marts.rows(f"""
        SELECT run, session_id, new_session_id, toString(reason) AS reason, event_count
        FROM {{marts}}.session_id_map WHERE project_id = '{story}'
    """)
    return sorted(
        (
            runs.index(row["run"]),
            names[row["session_id"]],
            names[row["new_session_id"]],
            row["reason"],
            row["event_count"],
        )
        for row in rows
        if runs.index(row["run"]) in batches
    )


def test_events_live_has_the_columns_of_fct_events(sessions: Sessions) -> None:
    marts, _, _ = sessions
    facts, live = (
        marts.rows(f"SELECT name, type FROM system.columns WHERE database = '{{marts}}' AND table = '{relation}'")
        for relation in ("fct_events", "events_live")
    )
    assert facts == live != []


def test_values_are_as_they_were_sent(sessions: Sessions) -> None:
    marts, _, _ = sessions
    [row] = marts.rows("SELECT toString(properties) AS sent FROM {marts}.fct_events WHERE event_id = 'live-sized'")
    assert json.loads(row["sent"]) == {"sizes": [1, 2.5, "m", True], "since": "2026-01-05T10:00:00Z"}


def test_a_late_first_event_renames_its_session_and_older_ids_follow(sessions: Sessions) -> None:
    assert told(sessions, "renamed", range(3)) == [
        (1, "first", "earlier", "renamed", 2),
        (2, "earlier", "earliest", "renamed", 3),
        (2, "first", "earliest", "followed", 0),
    ]


def test_a_late_event_joins_two_sessions_and_both_ids_lead_to_one(sessions: Sessions) -> None:
    assert told(sessions, "joined", range(3)) == [
        (1, "apart", "first", "joined", 1),
        (2, "apart", "earlier", "followed", 0),
        (2, "first", "earlier", "renamed", 3),
    ]


def test_events_of_a_clock_far_ahead_are_joined_as_others_are(sessions: Sessions) -> None:
    assert told(sessions, "far", range(3)) == [(1, "apart", "first", "joined", 1)]


def test_an_event_whose_time_was_corrected_in_between_moves_once(sessions: Sessions) -> None:
    assert told(sessions, "corrected", range(3)) == [(1, "first", "earlier", "renamed", 2)]


def test_two_events_of_one_id_and_time_move_together(sessions: Sessions) -> None:
    marts, _, _ = sessions
    rows = marts.rows("SELECT session_id FROM {marts}.fct_events WHERE project_id = 'twins'")
    assert len(rows) == 4
    assert len({row["session_id"] for row in rows}) == 1
    assert told(sessions, "twins", range(3)) == [(1, "twin", "first", "joined", 2)]


def test_a_late_login_of_another_splits_a_session_which_keeps_its_id(sessions: Sessions) -> None:
    assert told(sessions, "split", range(3)) == [(1, "0", "20", "split", 2)]
    marts, ids, _ = sessions
    [row] = marts.rows("SELECT * FROM {marts}.current_session_ids WHERE project_id = 'split'")
    assert row["session_id"] == row["current_session_id"] == ids[-1]["split-0"]
    assert row["moved_to"] == [ids[-1]["split-20"]]


def test_a_session_that_gives_events_to_one_that_takes_from_another_is_regrouped(sessions: Sessions) -> None:
    assert told(sessions, "regrouped", range(3)) == [
        (1, "0", "20", "regrouped", 1),
        (1, "apart", "20", "joined", 1),
    ]


def test_an_id_that_comes_back_is_current_again(sessions: Sessions) -> None:
    assert told(sessions, "back", range(3)) == [
        (1, "first", "earlier", "renamed", 1),
        (2, "earlier", "earlier", "split", 1),
        (2, "earlier", "first", "split", 1),
        (2, "first", "first", "followed", 0),
    ]


def test_every_id_that_readers_ever_saw_leads_to_the_session_of_its_first_event(sessions: Sessions) -> None:
    """Also those that a full refresh, with a late event in it, has replaced."""
    marts, ids, _ = sessions
    current = {
        row["session_id"]: row["current_session_id"] for row in marts.rows("SELECT * FROM {marts}.current_session_ids")
    }
    first_events = {
        row["session_id"]: row["first_event_id"]
        for row in marts.rows("SELECT session_id, first_event_id FROM {marts}.session_id_map WHERE has_first_event")
    }
    replaced = 0
    for of_batch in ids:
        for session in set(of_batch.values()):
            if session not in ids[-1].values():
                replaced += 1
                assert current[session] == ids[-1][first_events[session]]
            else:
                assert current.get(session, session) == session
    assert replaced >= 4
    assert sorted(row[3] for row in told(sessions, "renamed", [3])) == ["followed", "followed", "renamed"]


def test_a_late_visit_with_a_channel_changes_the_direct_ones_after_it(sessions: Sessions) -> None:
    _, _, channels = sessions
    assert channels[0] == {"direct": "direct", "later": "direct"}
    assert channels[1] == {"mail": "email", "direct": "email", "later": "direct"}
    assert channels[2] == channels[3] == {
        "old": "organic_social", "mail": "email", "ads": "organic_search", "direct": "organic_search",
        "later": "direct",
    }  # fmt: skip
