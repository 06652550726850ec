"""Removes from the books of the runs (macros/runs/run_tables.sql) what nobody asks of old runs any more."""

from collections.abc import Collection
from typing import Final

from clickhouse_connect.driver.client import Client

from orchestration.lib.attempts import all_attempted
from orchestration.lib.mutations import delete_rows
from orchestration.lib.versioned_models import VersionedModel, last_run_of_all, note_removal

# So long it can be seen when which model was built, by which run.
KEEP_DAYS: Final = 7


def forget_runs(
    client: Client, marts: str, models: Collection[VersionedModel], keep_days: int = KEEP_DAYS
) -> dict[str, int]:
    """Rows removed, by book: those of before the last run that all models had finished together so many days ago.

    Models read on from the run that they last finished, as far as others had come by then; no model comes to speak of
    a run from before one that all of them had finished. Of older runs there stay the last commit, whole build and load
    of a look-up, which count until there is another one, and the commits that date what was known, changed or restated.
    Raises `PartsFailedError` once all books were tried.
    """
    if not client.command(f"exists table {marts}.run_removals"):
        return {}
    first = _first_run_to_keep(client, marts, models, keep_days)
    removed: dict[str, int] = {}
    outdated = _outdated(marts, first, _dated_runs(client, marts, models))
    with all_attempted() as attempt:
        for book, condition in outdated.items():
            where = f"run < {first}" + (f" and {condition}" if condition else "")
            with attempt(book):
                rows = int(client.command(f"select count() from {marts}.{book} where {where}"))  # type: ignore[arg-type]
                if rows and not removed:
                    note_removal(client, marts, first)
                if rows and delete_rows(client, f"{marts}.{book}", where):
                    removed[book] = rows
    return removed


def _first_run_to_keep(client: Client, marts: str, models: Collection[VersionedModel], keep_days: int) -> int:
    [[begun]] = client.query(
        f"select max(run) from {marts}.runs where started_at < now64(3) - interval {keep_days} day"
    ).result_rows
    run = int(begun)
    # One that stopped short of the others in that run reads on from an earlier one.
    while (finished := last_run_of_all(client, marts, models, until=run)) < run:
        run = finished
    return run


def _dated_runs(client: Client, marts: str, models: Collection[VersionedModel]) -> str:
    """A SELECT of (model, run): commits that date rows which are kept for good."""
    dating = [f"select model, run from {marts}.run_restatements"]
    for model in models:
        if model.keeps_history and client.command(f"exists table {model.table}"):
            dating.append(f"select '{model.alias}' as model, arrayJoin([run, closed]) as run from {model.table}")
    return f"select distinct model, run from ({' union all '.join(dating)})"


def _outdated(marts: str, first: int, dated_runs: str) -> dict[str, str]:
    """By book which rows go, of runs before the first one that is kept."""
    loads = f"select lookup, max(run) from {marts}.run_lookups"
    return {
        "runs": "",
        "run_positions": "",
        "run_models": (
            f"(model, run) not in (select model, max(run) from {marts}.run_commits group by model)"
            f" and (model, run) not in (select model, max(run) from {marts}.run_models where is_full group by model)"
        ),
        "run_lookups": (
            f"(lookup, run) not in ({loads} group by lookup, slot)"
            # Who was built in the first run that is kept may have seen what one before it loaded.
            f" and (lookup, run) not in ({loads} where run <= {first} group by lookup)"
        ),
        "run_commits": (
            f"(model, run) not in (select model, max(run) from {marts}.run_commits group by model)"
            f" and (model, run) not in ({dated_runs})"
        ),
    }
