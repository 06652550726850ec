"""What a run of the models asks of dbt."""

import json
from collections.abc import Mapping

import dagster as dg
from pydantic import Field


class BuildConfig(dg.Config):
    """The launchpad's fields."""

    full_refresh: bool = Field(default=False, description="Rebuild the selected models from all of raw.")
    variables: dict[str, str] = Field(default={}, description="dbt vars of this run, e.g. {timezone: Europe/Berlin}.")


class BackfillConfig(dg.Config):
    """The launchpad's fields."""

    select: str = Field(default="fqn:*", description="Which models, as dbt selects: `fct_events+`, `tag:minute`, …")
    full_refresh: bool = Field(default=False, description="Rebuild them whole, whatever the days.")


def build_args(config: BuildConfig) -> list[str]:
    """The `dbt build` arguments of one run, without the selection, which dagster-dbt adds."""
    return ["build", *_flags(full_refresh=config.full_refresh, variables=config.variables)]


def backfill_args(config: BackfillConfig, *, first: str, last: str) -> list[str]:
    """The `dbt build` arguments that build the chosen models, and tell them the days from `first` to `last`.

    Both are included. They are vars for models of one's own: stock models find what landed by themselves.
    """
    days = {"backfill_start": first, "backfill_end": last}
    return ["build", "--select", *config.select.split(), *_flags(full_refresh=config.full_refresh, variables=days)]


def _flags(*, full_refresh: bool, variables: Mapping[str, str]) -> list[str]:
    flags = ["--full-refresh"] if full_refresh else []
    return [*flags, "--vars", json.dumps(variables)] if variables else flags
