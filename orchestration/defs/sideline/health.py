"""Whether somebody should look at the sideline."""

from collections.abc import Iterator
from typing import Final

import dagster as dg
from pydantic import Field

from loaders.settings import load_settings
from orchestration.lib.streams import raw_key

CHECKS: Final = {
    "pending_count": "Not too many records wait to be tried again.",
    "dead_count": "No record was given up after its last attempt.",
    "oldest_age": "No record waits for longer than some days.",
}


class HealthConfig(dg.Config):
    """The launchpad's fields."""

    pending: int = Field(default=1_000, ge=0, description="So many records may wait.")
    dead: int = Field(default=0, ge=0, description="So many records may be dead and not discarded.")
    days: int = Field(default=3, ge=0, description="Records may wait so many days.")


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(name, asset=raw_key("sideline"), description=description)
        for name, description in CHECKS.items()
    ],
    pool="quality",
)
def sideline_health(config: HealthConfig) -> Iterator[dg.AssetCheckResult]:
    """Warnings: the marts are right without these records, and somebody should decide on them."""
    from loaders.schema import opened

    with opened(load_settings()) as warehouse:
        [(pending, dead, oldest)] = warehouse.rows(
            "select countIf(state = 'pending'), countIf(state = 'dead'), "
            "toInt64(maxIf(dateDiff('second', first_seen_at, now64(3)), state = 'pending')) "
            f"from {warehouse.database}.sideline"
        )
    found = {"pending_count": pending, "dead_count": dead, "oldest_age": oldest}
    limits = {"pending_count": config.pending, "dead_count": config.dead, "oldest_age": config.days * 86_400}
    for name in CHECKS:
        yield dg.AssetCheckResult(
            asset_key=raw_key("sideline"),
            check_name=name,
            passed=found[name] <= limits[name],
            severity=dg.AssetCheckSeverity.WARN,
            metadata={("seconds" if name == "oldest_age" else "records"): found[name], "limit": limits[name]},
        )
