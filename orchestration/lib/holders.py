"""Who holds a lock, as Dagster's runs name themselves."""

from collections.abc import Callable

import dagster as dg

_PREFIX = "run "


def name_of(run_id: str) -> str:
    return _PREFIX + run_id


def has_ended(instance: dg.DagsterInstance) -> Callable[[str], bool]:
    """Whether a holder is a run of this instance that is over. Another instance's runs count as living."""

    def ended(holder: str) -> bool:
        run = instance.get_run_by_id(holder.removeprefix(_PREFIX)) if holder.startswith(_PREFIX) else None
        return run is not None and run.is_finished

    return ended
