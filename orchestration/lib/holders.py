"""Who holds a lock, as Dagster's runs name themselves."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import dagster as dg
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from orchestration.lib.alone import alone
from orchestration.lib.lock import Holding

_PREFIX = "run "


def alone_as_run(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    connect: Callable[[Settings], Client],
    settings: Settings,
    database: str,
    name: str,
    *,
    on_loss: Callable[[], None] = lambda: None,
) -> AbstractContextManager[Holding]:
    """Hold a lock of the database for the run of the context, as `alone` does. A run that is over gives way."""
    return alone(
        partial(connect, settings),
        database,
        name,
        holder=name_of(context.run.run_id),
        on_loss=on_loss,
        has_ended=has_ended(context.instance),
    )


def name_of(run_id: str) -> str:
    return _PREFIX + run_id


def has_ended(instance: dg.DagsterInstance) -> Callable[[str], bool]:
    """Whether a holder is a run of this instance that is over. Another instance's runs count as living."""

    def ended(holder: str) -> bool:
        run = instance.get_run_by_id(holder.removeprefix(_PREFIX)) if holder.startswith(_PREFIX) else None
        return run is not None and run.is_finished

    return ended
