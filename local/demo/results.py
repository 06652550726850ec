"""What the demo shows of the marts, read as a BI tool reads them."""

from loaders.settings import Settings
from local.demo.tables import ActiveDay, FunnelStep, RetentionCell
from local.oracle.warehouse import ClickHouseWarehouse


class Marts:
    """The stock marts through the read-only user."""

    def __init__(self, settings: Settings) -> None:
        self._warehouse = ClickHouseWarehouse(
            settings, user=settings.clickhouse_bi_user, password=settings.clickhouse_bi_password
        )

    def funnel(self) -> list[FunnelStep]:
        rows = self._warehouse.rows(
            """
            select
                step_number, step_name, entered, converted_from_start, converted_from_previous,
                median_seconds_from_previous
            from {marts}.funnel_purchase
            order by step_number
            """
        )
        return [FunnelStep(*row) for row in rows]

    def retention(self) -> list[RetentionCell]:
        rows = self._warehouse.rows(
            """
            select cohort_start, cohort_label, period_number, cohort_size, returned, retention, is_complete
            from {marts}.retention_weekly
            order by cohort_start, period_number
            """
        )
        return [RetentionCell(*row) for row in rows]

    def active_days(self) -> list[ActiveDay]:
        rows = self._warehouse.rows(
            "select period_start, dau, wau, mau, stickiness from {marts}.active_users_daily order by period_start"
        )
        return [ActiveDay(*row) for row in rows]
