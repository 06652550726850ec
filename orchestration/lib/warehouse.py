"""Connections to the warehouse. The loader's is `loaders.warehouse.connect`."""

from typing import Final

from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from loaders.warehouse import connect

# A merge, or a mutation, of a large partition is answered at its end: its run may wait for it as long as it lasts.
PATIENCE_SECONDS: Final = 4 * 3600


def connect_as_dbt(settings: Settings, *, patience_seconds: int = 60) -> Client:
    """As the user that builds the models, so that it may end its own queries and none of the loader's."""
    role = {
        "clickhouse_loader_user": settings.clickhouse_dbt_user,
        "clickhouse_loader_password": settings.clickhouse_dbt_password,
    }
    return connect(settings.model_copy(update=role), patience_seconds=patience_seconds)
