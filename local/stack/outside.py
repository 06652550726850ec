"""Engines that the environment names instead of the local ones: not started, only asked whether they answer."""

import os

from loaders.kafka_config import connection
from loaders.settings import Settings
from local.stack.clickhouse_http import ClickHouseHttp
from local.stack.errors import StackError
from local.stack.kafka_health import broker_answers

_VARIABLES = {"clickhouse": "CLICKHOUSE_URL", "kafka": "KAFKA_BOOTSTRAP"}


def outside_address(service: str, *, own: str) -> str:
    """Where the environment says that the service is, or '' where it is the stack's own.

    `eval "$(throughline env)"` sets the same variables: the stack's own address is no outside server.
    """
    address = os.environ.get(_VARIABLES.get(service, ""), "").rstrip("/")
    return "" if address == own else address


def check_outside(service: str, settings: Settings) -> None:
    """Raises a StackError where the outside server does not answer, or does not let the project's users in."""
    if service == "clickhouse":
        check_passwords(settings, users=("loader", "dbt"))
    elif not broker_answers(settings.kafka_bootstrap, connection(settings)):
        raise StackError(f"Kafka does not answer at {settings.kafka_bootstrap} (KAFKA_BOOTSTRAP)")


def check_passwords(settings: Settings, *, users: tuple[str, ...]) -> None:
    """Log in as each user, as the loaders, dbt and BI tools will. Raises WrongPasswordError."""
    server = ClickHouseHttp(settings.clickhouse_url.rstrip("/"), settings.clickhouse_ca_file)
    accounts = {
        "loader": (settings.clickhouse_loader_user, settings.clickhouse_loader_password),
        "dbt": (settings.clickhouse_dbt_user, settings.clickhouse_dbt_password),
        "bi": (settings.clickhouse_bi_user, settings.clickhouse_bi_password),
    }
    for user in users:
        name, password = accounts[user]
        server.run("SELECT 1", user=name, password=password.get_secret_value())
