"""Whether somebody should look at the sideline."""

import dagster as dg
from pydantic import Field

from loaders.settings import load_settings
from orchestration.lib.streams import raw_key


class HealthConfig(dg.Config):
    """The launchpad's fields."""

    days: int = Field(default=3, ge=0, description="Records may wait so many days.")


@dg.asset_check(
    asset=raw_key("sideline"),
    name="nothing_is_forgotten",
    description="No sidelined record is dead, and none waits for longer than some days.",
)
def nothing_is_forgotten(config: HealthConfig) -> dg.AssetCheckResult:
    """A warning: the marts are right without these records, and somebody should decide on them."""
    from loaders.warehouse import ClickHouse

    settings = load_settings()
    warehouse = ClickHouse(settings)
    try:
        [(pending, dead, oldest_seconds)] = warehouse.rows(
            "select countIf(state = 'pending'), countIf(state = 'dead'), "
            "toInt64(maxIf(dateDiff('second', first_seen_at, now64(3)), state = 'pending')) "
            f"from {settings.raw_database}.sideline"
        )
    finally:
        warehouse.close()
    return dg.AssetCheckResult(
        passed=dead == 0 and oldest_seconds <= config.days * 86_400,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"pending": pending, "dead": dead, "oldest_pending_seconds": oldest_seconds},
    )
