"""What becomes of the records that could not be used."""

import dataclasses

import dagster as dg
from pydantic import Field

from loaders.settings import load_settings
from orchestration.lib.alone import alone
from orchestration.lib.holders import has_ended, name_of
from orchestration.lib.streams import OWNERS, raw_key


class RetryConfig(dg.Config):
    """The launchpad's fields. Empty means all."""

    error_class: str = Field(default="", description="Only records of this class, e.g. not_json_object.")
    topic: str = Field(default="", description="Only records of this topic.")
    fix: str = Field(default="", description="The name of a fix of loaders/fixes, tried on each record first.")
    only_due: bool = Field(default=True, description="Leave records alone whose pause after the last attempt runs.")


@dg.asset(
    key=["sideline", "retried"],
    deps=[raw_key("sideline")],
    group_name="sideline",
    owners=OWNERS,
    kinds={"clickhouse", "python"},
    pool="loads",
)
def retried(context: dg.AssetExecutionContext, config: RetryConfig) -> dg.MaterializeResult[None]:
    """Sidelined records that are tried again: by a newer check, other settings, or a fix.

    What has become usable lands once in its raw table, in the lane `replay`, and reaches the marts with their next
    build. What fails again waits longer each time, and is dead after the last attempt.
    """
    # Imported here: the code server needs no connection to the warehouse.
    from loaders.sideline import Selection, retry_pending
    from loaders.warehouse import connect

    settings = load_settings()
    chosen = Selection(error_class=config.error_class, topic=config.topic)
    place = alone(
        lambda: connect(settings),
        settings.raw_database,
        "sideline",
        holder=name_of(context.run.run_id),
        has_ended=has_ended(context.instance),
    )
    with place:
        outcome = retry_pending(settings, chosen, fix=config.fix, only_due=config.only_due)
    return dg.MaterializeResult(metadata=dataclasses.asdict(outcome))
