"""What earlier runs have done, so that a rate counts only what this one does."""

from collections.abc import Mapping

from loaders.settings import Settings
from local.oracle.warehouse import ClickHouseWarehouse


def records_in_raw(settings: Settings) -> int:
    """Rows of all raw tables; 0 where they are not made yet."""
    warehouse = ClickHouseWarehouse(
        settings, user=settings.clickhouse_loader_user, password=settings.clickhouse_loader_password
    )
    [(rows,)] = warehouse.rows(
        "select sum(total_rows) from system.tables"
        " where database = '{raw}' and name in ('events', 'identities', 'people')"
    )
    return int(rows or 0)


def less_before(handled: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """What each stage has handled in this run: all, less what was there before it."""
    return {stage: count - before.get(stage, 0) for stage, count in handled.items()}
