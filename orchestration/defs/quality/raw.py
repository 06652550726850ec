"""Great Expectations on `raw`, as checks of its tables."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from loaders.settings import load_settings, local_dir
from orchestration.lib.expectations.finding import as_markdown
from orchestration.lib.expectations.rules import RULES
from orchestration.lib.streams import STREAMS, raw_key


class ExpectationsConfig(dg.Config):
    """The launchpad's fields."""

    hours: int = Field(default=24, ge=1, description="Look at what landed in so many hours.")


def check_specs() -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(rule, asset=raw_key(table), description=description)
        for table in STREAMS
        for rule, description in RULES.items()
    ]


@dg.multi_asset_check(specs=check_specs(), pool="quality")
def great_expectations(config: ExpectationsConfig) -> Iterator[dg.AssetCheckResult]:
    """Hold the suites of `orchestration/lib/expectations` against the newest rows. Reads only."""
    # Imported here: it takes seconds and 0.2 GB that the code server need not spend.
    from orchestration.lib.expectations.raw import findings_by_rule

    found = findings_by_rule(load_settings(), STREAMS, hours=config.hours, pages=local_dir() / "data-docs")
    for (table, rule), (findings, page) in found.items():
        yield dg.AssetCheckResult(
            asset_key=raw_key(table),
            check_name=rule,
            passed=all(finding.passed for finding in findings),
            # A quiet stream is worth a look and no alarm.
            severity=dg.AssetCheckSeverity.WARN if rule == "volume" else dg.AssetCheckSeverity.ERROR,
            # What an alert says, and the page without a click.
            description="; ".join(f"{one.expectation} {one.detail}" for one in findings if not one.passed) or None,
            metadata={
                "findings": dg.MetadataValue.md(as_markdown(findings)),
                "data_docs": dg.MetadataValue.path(page),
            },
        )
