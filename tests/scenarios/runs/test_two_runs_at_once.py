"""A run that begins while another is under way takes over, and nothing that the other still sends may count."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.scenarios.conftest import VARIABLES, Marts
from tests.scenarios.records import event
from tests.support.builder import Builder, open_builder
from tests.support.landing import land

MODELS = ("--select", "+fct_events", "+fct_sessions", "+session_id_map")


@pytest.fixture
def other(marts: Marts, tmp_path: Path) -> Iterator[Builder]:
    """As if somebody else built the same warehouse."""
    with open_builder(marts.settings, tmp_path, VARIABLES) as builder:
        yield builder


def test_a_run_that_was_taken_over_writes_nothing(marts: Marts, other: Builder) -> None:
    """It is held up before it writes, and goes on when the newer one has cleaned up and is about to write the same."""
    writes = f"insert into `{marts.settings.marts_database}`.`int_events_sessionized_data`"
    take_over(marts, other, "writes", older_at=writes, newer_at=writes)


def test_a_run_that_was_taken_over_closes_nothing(marts: Marts, other: Builder) -> None:
    """It has written, which the newer one takes back, and would close before that one has looked at what stands."""
    facts = f"`{marts.settings.marts_database}`.`int_events_sessionized"
    take_over(marts, other, "closes", older_at=rf"alter table {facts}_data`\s+update closed", newer_at=f"{facts}__")


def test_a_run_that_was_taken_over_takes_nothing_back_of_the_newer_one(marts: Marts, other: Builder) -> None:
    """It is held up as it cleans up after one that was killed, until the newer one is about to commit."""
    marts_database = f"`{marts.settings.marts_database}`"
    take_over(
        marts, other, "takes back", after_a_kill=True,
        older_at=rf"alter table {marts_database}.`int_events_sessionized_data` delete",
        newer_at=f"insert into {marts_database}.`run_commits`",
    )  # fmt: skip


def test_a_run_that_was_taken_over_loads_no_persons_of_before(marts: Marts, other: Builder) -> None:
    """It is held up before it loads the look-up that readers go over to when the newer one commits."""
    look = event("loads", "look", 2, device_id="shared")
    land(marts.client, marts.settings.raw_database, {"events": [look]})
    marts.builder.build(*MODELS)
    login = event("loads", "login", 2, minute=1, device_id="shared", user_id="ada")
    land(marts.client, marts.settings.raw_database, {"events": [login]})
    loads = r"create or replace dictionary\s+`\w+`\.`person_lookup_"
    with pytest.raises(AssertionError, match="taken over"), marts.builder.held_up(loads, *MODELS):
        other.build(*MODELS)
    rows = marts.rows("SELECT uniqExact(person_id) AS persons FROM {marts}.fct_events WHERE project_id = 'loads'")
    assert rows == [{"persons": 1}]


def test_of_two_runs_that_begin_in_one_instant_one_is_refused_and_one_commits(marts: Marts) -> None:
    """Each has told its number before it looks whether it has that alone."""
    runs = f"{marts.settings.marts_database}.runs"

    def build_with_a_twin(statement: str) -> None:
        with marts.builder.held_up(statement, *MODELS):
            marts.client.command(f"INSERT INTO {runs} SELECT max(run), 'twin', now64(3) FROM {runs}")

    land(marts.client, marts.settings.raw_database, {"events": [event("twins", "one", 2, device_id="twin")]})
    with pytest.raises(AssertionError, match="began in the same instant"):
        build_with_a_twin("where run = ")
    build_with_a_twin("create or replace table .*`run_in_memory`")
    [commits] = marts.rows("""
        SELECT count() AS rows, uniqExact(model) AS models FROM {marts}.run_commits
        WHERE run = (SELECT max(run) FROM {marts}.runs)
    """)
    assert commits["rows"] == commits["models"] > 0


def take_over(
    marts: Marts, other: Builder, project: str, *, older_at: str, newer_at: str, after_a_kill: bool = False
) -> None:
    """A run that is held up at a statement goes on when another has begun and is at one of its own, then that one."""
    apart = [event(project, f"{project} at {minute}", 2, minute=minute, device_id="phone") for minute in (0, 50)]
    land(marts.client, marts.settings.raw_database, {"events": apart})
    marts.builder.build(*MODELS)
    between = event(project, f"{project} at 25", 2, minute=25, device_id="phone")
    land(marts.client, marts.settings.raw_database, {"events": [between]})
    if after_a_kill:
        other.kill_before(newer_at, *MODELS)
    with (
        ExitStack() as until_the_older_ended,
        pytest.raises(AssertionError, match="taken over"),
        marts.builder.held_up(older_at, *MODELS),
    ):
        until_the_older_ended.enter_context(other.held_up(newer_at, *MODELS))
    for relation, rows in (("fct_events", 3), ("fct_sessions", 1), ("session_id_map", 1)):
        [found] = marts.rows(f"SELECT count() AS rows FROM {{marts}}.{relation} WHERE project_id = '{project}'")
        assert found["rows"] == rows, relation
