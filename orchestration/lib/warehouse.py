"""Connections to the warehouse. The loader's is `loaders.warehouse.connect`."""

from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from loaders.warehouse import connect


def connect_as_dbt(settings: Settings) -> Client:
    """As the user that builds the models, so that it may end its own queries and none of the loader's."""
    role = {
        "clickhouse_loader_user": settings.clickhouse_dbt_user,
        "clickhouse_loader_password": settings.clickhouse_dbt_password,
    }
    return connect(settings.model_copy(update=role))
