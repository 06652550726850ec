"""Whether what Kafka handed out stands in raw, each record once."""

import dagster as dg

from loaders.settings import load_settings
from orchestration.lib.holders import alone_as_run
from orchestration.lib.loads import broken
from orchestration.lib.streams import raw_key


@dg.asset_check(
    asset=raw_key("load_ranges"),
    name="nothing_lost_nothing_twice",
    description="For every topic-partition: consumed = landed = usable + sidelined, without a gap and without a copy.",
    pool="loads",
)
def nothing_lost_nothing_twice(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """No load of Dagster's runs beside it; what loaders that follow have on their way is left out."""
    # Imported here: the code server needs neither Kafka's client nor the warehouse's.
    from loaders.audit import audit
    from loaders.warehouse import connect

    settings = load_settings()
    with alone_as_run(context, connect, settings, settings.raw_database, "loads"):
        report = audit(settings)
    found = broken(report)
    return dg.AssetCheckResult(
        passed=not found,
        metadata={
            "partitions": len(report.books),
            "waiting": sum(books.waiting for books in report.books),
            "unranged": sum(books.unranged for books in report.books),
            "findings": "\n".join(found) or "none",
        },
    )
