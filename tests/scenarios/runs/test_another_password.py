"""Dictionaries keep the password of dbt's user; with another one a run makes them anew, though there is nothing new."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from loaders.settings import Settings
from local.stack import Stack
from tests.scenarios import records
from tests.scenarios.conftest import VARIABLES, Marts
from tests.support.builder import open_builder
from tests.support.landing import land

PROJECT = "rotated"
MODELS = ("--select", "+fct_events", "+trends_daily")
PERSONS = f"SELECT uniqExact(person_id) AS persons FROM {{marts}}.fct_events WHERE project_id = '{PROJECT}'"
event, message = partial(records.event, PROJECT), partial(records.message, PROJECT)


@contextmanager
def another_password(stack: Stack, settings: Settings) -> Iterator[Settings]:
    """A stack, started again, whose dbt has another password until the end; the settings with it."""
    accounts = stack.env_file.read_text()
    password = settings.clickhouse_dbt_password.get_secret_value()
    try:
        stack.env_file.write_text(accounts.replace(password, f"{password}-changed"))
        start_again(stack)
        yield settings.model_copy(update={"clickhouse_dbt_password": stack.settings().clickhouse_dbt_password})
    finally:
        stack.env_file.write_text(accounts)
        start_again(stack)


def start_again(stack: Stack) -> None:
    stack.kill("clickhouse")
    stack.up()


def test_who_asks_for_persons_is_answered_after_a_run_with_another_password(
    marts: Marts, stack: Stack, tmp_path: Path
) -> None:
    raw = marts.settings.raw_database
    tablet = [event(user, day, device_id="tablet", user_id=user) for day, user in enumerate(("ada", "ben"), start=4)]
    land(marts.client, raw, {"events": [*tablet, event("later", 9, device_id="tablet")]})
    marts.builder.build(*MODELS)
    with (
        another_password(stack, marts.settings) as settings,
        open_builder(settings, tmp_path, VARIABLES) as builder,
    ):
        builder.build(*MODELS)
        # Dictionaries were made anew, and what dbt writes of its SQL does not tell.
        password = settings.clickhouse_dbt_password.get_secret_value().encode()
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert files
        assert [path for path in files if password in path.read_bytes()] == []
        start_again(stack)
        assert marts.rows(PERSONS) == [{"persons": 2}]
        # Who was before is asked of what readers asked before this run.
        merge = message("merge", "merge", 10, user_id="ada", previous_id="ben")
        land(marts.client, raw, {"identities": [merge]})
        builder.build(*MODELS)
        assert marts.rows(PERSONS) == [{"persons": 1}]
