"""What a run of the models asks of dbt."""

import json

import dagster as dg
from pydantic import Field


class BuildConfig(dg.Config):
    """The launchpad's fields."""

    full_refresh: bool = Field(default=False, description="Rebuild the selected models from all of raw.")
    variables: dict[str, str] = Field(default={}, description="dbt vars of this run, e.g. {timezone: Europe/Berlin}.")


def build_args(config: BuildConfig) -> list[str]:
    """The `dbt build` arguments of one run, without the selection, which dagster-dbt adds."""
    args = ["build"]
    if config.full_refresh:
        args.append("--full-refresh")
    if config.variables:
        args += ["--vars", json.dumps(config.variables)]
    return args
