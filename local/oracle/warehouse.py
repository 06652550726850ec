"""What verification reads of the warehouse. Nothing here computes a number: it only fetches."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from pydantic import SecretStr

from loaders.errors import ThroughlineError, WarehouseRefusedError
from loaders.settings import Settings
from local.oracle.sessions import EventKey


class Warehouse(Protocol):
    """Something that answers SQL with rows of Python values."""

    def rows(self, sql: str) -> Iterable[Sequence[Any]]: ...


class NotBuiltError(ThroughlineError):
    """The models that are asked have never been built."""


class ClickHouseWarehouse:
    """The warehouse of the settings, as one of its users. `{raw}` and `{marts}` in a query are its databases."""

    def __init__(self, settings: Settings, *, user: str, password: SecretStr) -> None:
        # The driver takes half a second to import.
        from loaders.warehouse import connect

        as_user = {"clickhouse_loader_user": user, "clickhouse_loader_password": password}
        self._settings = settings.model_copy(update=as_user)
        self._client = connect(self._settings)

    def rows(self, sql: str) -> Iterable[Sequence[Any]]:
        """Raises NotBuiltError where what is asked is not there, else the loaders' errors of the warehouse."""
        from loaders.warehouse import NO_DATABASE_OR_TABLE, translated_errors

        databases = {"raw": self._settings.raw_database, "marts": self._settings.marts_database}
        try:
            with translated_errors(self._settings):
                return zip(*self._client.query(sql.format(**databases)).result_columns, strict=True)
        except WarehouseRefusedError as error:
            if error.code not in NO_DATABASE_OR_TABLE:
                raise
            raise NotBuiltError(
                f"{self._settings.marts_database} is not built: run `throughline load --until-caught-up`, then "
                "`throughline dbt build`"
            ) from error


class Fact(NamedTuple):
    """One row of fct_events."""

    occurred_at_ms: int
    event: str
    device_id: str
    user_id: str
    is_bot: bool
    person_id: str
    session_id: str
    page: tuple[str, str] = ("", "")
    channel: str = "direct"
    campaign_source: str = ""
    campaign_medium: str = ""
    campaign_name: str = ""
    has_user_agent: bool = False
    browser: str = ""
    os: str = ""
    device_type: str = ""


def read_facts(warehouse: Warehouse) -> tuple[dict[EventKey, Fact], int]:
    """The facts by key, and how many rows there are: more rows than keys means copies."""
    facts: dict[EventKey, Fact] = {}
    count = 0
    # The driver makes a new text for every cell: keep one of each, for a third of the memory.
    one: dict[str, str] = {}
    for project, event_id, client_ms, at_ms, is_bot, has_user_agent, *texts in warehouse.rows(
        """
        select
            project_id, event_id, toUnixTimestamp64Milli(client_timestamp), toUnixTimestamp64Milli(occurred_at), is_bot,
            user_agent != '', toString(event), device_id, user_id, person_id, session_id, toString(page_host),
            if(page != '', page, page_path), toString(channel), toString(campaign_source), toString(campaign_medium),
            toString(campaign_name), browser, os, device_type
        from {marts}.fct_events
        """
    ):
        count += 1
        event, device, user, person, session, host, page, channel, source, medium, name, *agent = (
            one.setdefault(text, text) for text in texts
        )
        facts[one.setdefault(project, project), event_id, client_ms] = Fact(
            at_ms, event, device, user, bool(is_bot), person, session, (host, page), channel, source, medium, name,
            bool(has_user_agent), *agent,
        )  # fmt: skip
    return facts, count
