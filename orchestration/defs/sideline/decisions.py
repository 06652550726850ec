"""What becomes of the records that could not be used: tried again, mended, or declared done with."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from loaders import fixes
from loaders.errors import ThroughlineError
from loaders.settings import Settings, load_settings
from orchestration.lib.holders import alone_as_run
from orchestration.lib.sideline import SelectionConfig, highest_replay, landed_since
from orchestration.lib.streams import OWNERS, raw_key

if TYPE_CHECKING:
    from loaders.warehouse import ClickHouse

# As a choice in the launchpad.
FixName = StrEnum("FixName", fixes.names())  # type: ignore[misc]


class RetryConfig(SelectionConfig):
    """The launchpad's fields. Empty means all."""

    only_due: bool = Field(default=True, description="Leave records alone whose pause after the last attempt runs.")


class FixConfig(SelectionConfig):
    """The launchpad's fields. Empty means all, but for the fix."""

    fix: FixName = Field(description="What mends the bytes: a module of loaders/fixes.")


class DiscardConfig(SelectionConfig):
    """The launchpad's fields. Empty means all, but for the reason."""

    reason: str = Field(description="Why the records are not needed. It is kept with them.")


@dg.asset(
    key=["sideline", "retried"],
    deps=[raw_key("sideline")],
    group_name="sideline",
    owners=OWNERS,
    kinds={"clickhouse", "python"},
    pool="loads",
)
def retried(context: dg.AssetExecutionContext, config: RetryConfig) -> dg.MaterializeResult[None]:
    """Sidelined records that are tried again, since a newer check or other settings may take them.

    What has become usable lands once in its raw table, in the lane `replay`, and reaches the marts with their next
    build. What fails again waits longer each time (1, 4, 16, 64 hours), and is dead after the fifth attempt: only a
    newer check or a person tries it again. What is tried pause or not does not count as an attempt.
    """
    return _retry(context, config, fix="", only_due=config.only_due)


@dg.asset(
    key=["sideline", "fixed"],
    deps=[raw_key("sideline")],
    group_name="sideline",
    owners=OWNERS,
    kinds={"clickhouse", "python"},
    pool="loads",
)
def fixed(context: dg.AssetExecutionContext, config: FixConfig) -> dg.MaterializeResult[None]:
    """Sidelined records whose bytes a fix mends, landed as in `retried`. The original bytes are kept."""
    return _retry(context, config, fix=config.fix.value, only_due=False)


@dg.asset(
    key=["sideline", "discarded"],
    deps=[raw_key("sideline")],
    group_name="sideline",
    owners=OWNERS,
    kinds={"clickhouse", "python"},
    pool="loads",
)
def discarded(context: dg.AssetExecutionContext, config: DiscardConfig) -> dg.MaterializeResult[None]:
    """Pending and dead records that a person declares done with. Their bytes stay in raw."""
    from loaders.sideline import discard

    if not config.reason.strip():
        raise ThroughlineError("Discarding needs a reason: it is all that will tell why the records are not there.")
    with _sideline(context) as (_, warehouse):
        count = discard(warehouse, config.selection(), reason=config.reason)
    return dg.MaterializeResult(metadata={"discarded": count, "reason": config.reason})


def _retry(
    context: dg.AssetExecutionContext, config: SelectionConfig, *, fix: str, only_due: bool
) -> dg.MaterializeResult[None]:
    from loaders.sideline import retry_pending

    with _sideline(context) as (settings, warehouse):
        before = highest_replay(warehouse)
        outcome = retry_pending(settings, config.selection(), fix=fix, only_due=only_due)
        landed = landed_since(warehouse, before)
    return dg.MaterializeResult(metadata={**dataclasses.asdict(outcome), "landed": dg.MetadataValue.md(landed)})


@contextmanager
def _sideline(context: dg.AssetExecutionContext) -> Iterator[tuple[Settings, "ClickHouse"]]:
    """The warehouse, with the sideline for this run alone."""
    # Imported here: the code server needs no connection to the warehouse.
    from loaders.schema import opened
    from loaders.warehouse import connect

    settings = load_settings()
    with alone_as_run(context, connect, settings, settings.raw_database, "sideline"), opened(settings) as warehouse:
        yield settings, warehouse
