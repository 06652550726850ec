"""The rules of identity on the oracle itself, each by an example that can be checked by eye."""

from collections.abc import Sequence
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.oracle.identity import Persons, resolve
from local.oracle.messages import Event, Message, without_copies, without_nobodies
from local.oracle.owners import BEGINNING, END


def persons_of(events: Sequence[Event], persons: Persons) -> dict[str, str]:
    """The name of each event's person, '' for nobody."""
    found = {event.event_id: persons.person_of(event) for event in events}
    return {event_id: node.name if node else "" for event_id, node in found.items()}


def test_an_anonymous_visit_goes_to_the_one_who_logs_in() -> None:
    events = [Event("browse", 1, "phone"), Event("buy", 9, "phone"), Event("bare", 5)]
    persons = resolve(events, [Message("identify", 5, "phone", "ada")])
    assert persons_of(events, persons) == {"browse": "u:ada", "buy": "u:ada", "bare": ""}


def test_an_event_with_both_ids_is_a_login() -> None:
    events = [Event("browse", 1, "phone"), Event("buy", 5, "phone", "ada")]
    assert persons_of(events, resolve(events, [])) == {"browse": "u:ada", "buy": "u:ada"}


def test_a_shared_device_belongs_to_its_last_login_and_fuses_no_one() -> None:
    events = [
        Event("first", 1, "tv"),
        Event("second", 15, "tv"),
        Event("third", 25, "tv"),
        Event("own", 25, "tv", "ada"),
    ]
    persons = resolve(events[:3], [Message("identify", 10, "tv", "ada"), Message("identify", 20, "tv", "bob")])
    assert persons_of(events, persons) == {"first": "u:ada", "second": "u:ada", "third": "u:bob", "own": "u:ada"}
    assert persons.components() == {}


def test_of_two_logins_at_one_instant_the_larger_user_id_is_the_later() -> None:
    events = [Event("before", 9, "tv"), Event("at", 10, "tv")]
    for logins in permutations([Message("identify", 10, "tv", "ada"), Message("identify", 10, "tv", "bob")]):
        assert persons_of(events, resolve(events, logins)) == {"before": "u:ada", "at": "u:bob"}


def test_a_reset_begins_a_new_epoch_at_its_instant() -> None:
    events = [Event("before", 9, "phone"), Event("at", 10, "phone"), Event("later", 30, "phone")]
    messages = [Message("identify", 5, "phone", "ada"), Message("reset", 10, "phone"), Message("reset", 20, "phone")]
    persons = resolve(events, messages)
    assert persons_of(events, persons) == {"before": "u:ada", "at": "d:phone@10", "later": "d:phone@20"}
    assert [interval[3:5] for interval in persons.intervals() if interval.identifier == "phone"] == [
        (BEGINNING, 10),
        (10, 20),
        (20, END),
    ]


def test_a_kiosk_has_no_owner_but_keeps_its_users() -> None:
    logins = [Message("identify", at, "kiosk", f"user-{at}") for at in range(3)]
    events = [Event("anonymous", 9, "kiosk"), Event("known", 9, "kiosk", "user-1")]
    persons = resolve(events, logins, max_users_per_device=2)
    assert persons_of(events, persons) == {"anonymous": "d:kiosk@", "known": "u:user-1"}
    assert persons_of(events, resolve(events, logins, max_users_per_device=3))["anonymous"] == "u:user-1"


def test_a_device_in_a_merge_stands_for_its_owner_at_that_time() -> None:
    logins = [Message("identify", 10, "tv", "ada"), Message("identify", 20, "tv", "bob")]
    persons = resolve([], [*logins, Message("merge", 25, "tv", previous_device_id="watch")])
    names = {node.name: {member.name for member in members} for node, members in persons.components().items()}
    assert names == {"u:bob": {"u:bob", "d:watch@"}}


def test_an_alias_names_no_second_device() -> None:
    of_one_device = Message("alias", 1, "phone", previous_id="ada", previous_device_id="watch")
    of_none = Message("alias", 1, previous_id="ada", previous_device_id="watch")
    assert resolve([], [of_none]).components() == {}
    assert {node.name for node in resolve([], [of_one_device]).canonical} == {"u:ada", "d:phone@"}


def test_an_unmerge_cancels_the_logins_of_a_device_and_a_user_up_to_it() -> None:
    events = [Event("visit", 15, "tv")]
    logins = [Message("identify", 5, "tv", "ada"), Message("identify", 10, "tv", "bob")]
    assert persons_of(events, resolve(events, [*logins, Message("unmerge", 10, "tv", "bob")])) == {"visit": "u:ada"}
    assert persons_of(events, resolve(events, [*logins, Message("unmerge", 9, "tv", "bob")])) == {"visit": "u:bob"}


@pytest.mark.parametrize(
    ("cut_at", "joined"),
    [
        pytest.param(9, True, id="a later join holds"),
        pytest.param(10, False, id="a join of the same instant goes"),
        pytest.param(11, False, id="an earlier join goes"),
    ],
)
def test_a_cut_removes_the_joins_of_its_pair_up_to_it(cut_at: int, joined: bool) -> None:
    join = Message("merge", 10, user_id="ada", previous_id="augusta")
    persons = resolve([], [join, Message("unmerge", cut_at, user_id="augusta", previous_id="ada")])
    assert [reason for *_, reason in persons.joins] == ["" if joined else "cut"]
    assert bool(persons.components()) == joined


def test_a_person_past_the_cap_is_not_formed_at_all() -> None:
    joins = [Message("merge", at, user_id=f"user-{at}", previous_id=f"user-{at + 1}") for at in range(3)]
    assert len(resolve([], joins, max_identifiers=4).components()) == 1
    capped = resolve([], joins, max_identifiers=3)
    assert capped.components() == {}
    assert [join.reason for join in capped.set_aside()] == ["cap"] * 3


def test_the_canonical_member_is_a_user_before_a_device() -> None:
    persons = resolve(
        [], [Message("merge", 1, "aaa", user_id="zoe"), Message("merge", 1, user_id="zoe", previous_id="yan")]
    )
    assert {node.name for node in persons.components()} == {"u:yan"}


def test_projects_never_share_a_person() -> None:
    messages = [Message("identify", 1, "phone", "ada"), Message("identify", 1, "phone", "bob", project_id="other")]
    events = [Event("here", 2, "phone"), Event("there", 2, "phone", project_id="other")]
    assert persons_of(events, resolve(events, messages)) == {"here": "u:ada", "there": "u:bob"}


def test_identifiers_that_are_no_one_count_as_absent() -> None:
    messages = without_nobodies([Message("identify", 1, "phone", " Guest ")], guarded={"guest"})
    events = without_nobodies([Event("visit", 2, "phone", "guest"), Event("bare", 2, "guest")], guarded={"guest"})
    assert persons_of(events, resolve(events, messages)) == {"visit": "d:phone@", "bare": ""}


def test_the_copy_that_was_received_first_is_kept() -> None:
    copies = [
        Event("one", 7, "phone", received_at_ms=None, payload=b"a"),
        Event("one", 8, "phone", received_at_ms=20, payload=b"b"),
        Event("one", 9, "phone", received_at_ms=20, payload=b"a"),
        Event("one", 5, "phone", client_timestamp_ms=1),
    ]
    for order in permutations(copies):
        assert sorted(event.occurred_at_ms for event in without_copies(order)) == [5, 9]


def test_the_white_paper_figure_comes_out_the_same_in_every_order() -> None:
    """Mixpanel's figure of original ids: in whatever order its rows arrive, the past belongs to whom it became."""
    events = [
        Event("browse", 1, "qrt-345"),
        Event("signup", 2, "qrt-345"),
        Event("search", 3, "abc-123"),
        Event("purchase", 4, "azy-456"),
        Event("visit", 5, "pnm-321"),
    ]
    aliases = [
        Message("alias", 2, "qrt-345", "Janet"),
        Message("alias", 3, "abc-123", "Jim"),
        Message("alias", 4, "azy-456", "Jim"),
        Message("alias", 6, "xyz-789", "Jessica"),
    ]
    for order in permutations(aliases):
        persons = resolve(events, order)
        of_events = persons_of(events, persons)
        assert of_events["browse"] == of_events["signup"] == "u:Janet"
        assert of_events["visit"] == "d:pnm-321@"
        assert len(set(of_events.values())) == 3
        assert len({interval.person for interval in persons.intervals()}) == 4


USERS = st.sampled_from(["", "ada", "bob", "cyd"])
DEVICES = st.sampled_from(["", "phone", "tv"])
TIMES = st.integers(min_value=0, max_value=6)
MESSAGES = st.builds(
    Message,
    st.sampled_from(["identify", "alias", "merge", "unmerge", "reset"]),
    TIMES,
    DEVICES,
    USERS,
    USERS,
    DEVICES,
)
EVENTS = st.builds(Event, st.uuids().map(str), TIMES, DEVICES, USERS)


@settings(max_examples=200, deadline=None)
@given(events=st.lists(EVENTS, max_size=6), messages=st.lists(MESSAGES, max_size=8), data=st.data())
def test_the_order_of_arrival_does_not_matter(
    events: list[Event], messages: list[Message], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(messages))
    guards = {"max_users_per_device": 2, "max_identifiers": 3}
    one, other = resolve(events, messages, **guards), resolve(events[::-1], shuffled, **guards)
    assert one.intervals() == other.intervals()
    assert set(one.joins) == set(other.joins)
    assert persons_of(events, one) == persons_of(events, other)


@settings(max_examples=200, deadline=None)
@given(events=st.lists(EVENTS, max_size=6), messages=st.lists(MESSAGES, max_size=8))
def test_every_identifier_has_one_person_at_every_time(events: list[Event], messages: list[Message]) -> None:
    persons = resolve(events, messages, max_users_per_device=2)
    rows = persons.intervals()
    for row, following in pairwise(rows):
        if row[:3] == following[:3]:
            assert row.valid_to_ms == following.valid_from_ms
        else:
            assert (row.valid_to_ms, following.valid_from_ms) == (END, BEGINNING)
    named = {(row.identifier_kind, row.identifier) for row in rows}
    assert all(("device", event.device_id) in named for event in events if event.device_id)
