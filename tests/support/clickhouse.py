"""Clients of the test server."""

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings

# By address of the server; the fixture `stack` fills it.
ADMIN_PASSWORDS: dict[str, str] = {}


def connect(settings: Settings, user: str) -> Client:
    """A client of the test server as `loader`, `dbt`, `bi`, `admin` (may do anything) or `default` (no password)."""
    if user in ("admin", "default"):
        name, password = user, ADMIN_PASSWORDS[settings.clickhouse_url] if user == "admin" else ""
    else:
        name = getattr(settings, f"clickhouse_{user}_user")
        password = getattr(settings, f"clickhouse_{user}_password").get_secret_value()
    return clickhouse_connect.get_client(
        dsn=settings.clickhouse_url,
        username=name,
        password=password,
        # Tests run queries from several threads over one client.
        autogenerate_session_id=False,
    )
