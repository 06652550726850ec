"""What the warehouse refuses to verification is told in one line, as all that a person can act on."""

import pytest

from loaders.errors import WarehouseRefusedError
from loaders.settings import Settings
from local.oracle.warehouse import ClickHouseWarehouse, NotBuiltError


@pytest.fixture
def warehouse(settings: Settings) -> ClickHouseWarehouse:
    return ClickHouseWarehouse(settings, user=settings.clickhouse_dbt_user, password=settings.clickhouse_dbt_password)


def test_models_that_are_not_built_are_named_with_what_builds_them(warehouse: ClickHouseWarehouse) -> None:
    with pytest.raises(NotBuiltError, match=r"is not built: run .*`throughline dbt build`"):
        warehouse.rows("select * from {marts}.fct_events")


def test_a_query_that_fails_is_refused_as_the_loaders_are(warehouse: ClickHouseWarehouse) -> None:
    with pytest.raises(WarehouseRefusedError, match="not today"):
        warehouse.rows("select throwIf(1, 'not today')")
