"""What keeps the warehouse small: parts merged, leftovers removed."""

import dagster as dg
from pydantic import Field

from loaders.settings import load_settings
from orchestration.lib import upkeep
from orchestration.lib.attempts import all_attempted
from orchestration.lib.closed_rows import remove_closed_rows
from orchestration.lib.fragments import fragmented_partitions, merge
from orchestration.lib.manifest import prepared_project
from orchestration.lib.old_runs import KEEP_DAYS, remove_old_rows, remove_old_runs
from orchestration.lib.run_books import forget_runs
from orchestration.lib.streams import OWNERS
from orchestration.lib.versioned_models import versioned_models
from orchestration.lib.warehouse import PATIENCE_SECONDS, connect_as_dbt


class MergeConfig(dg.Config):
    """The launchpad's fields."""

    parts: int = Field(default=8, ge=2, description="Merge partitions that stand in at least so many parts.")
    at_most: int = Field(default=50, ge=1, description="So many partitions in one run, the worst first.")


@dg.asset(
    key=["maintenance", "merged_parts"], group_name="maintenance", owners=OWNERS, kinds={"clickhouse"}, pool="quality"
)
def merged_parts(context: dg.AssetExecutionContext, config: MergeConfig) -> dg.MaterializeResult[None]:
    """Partitions that stopped growing and never reached the size at which ClickHouse merges them by itself.

    Small loads leave many small parts, which cost each query a little. Data is the same afterwards.
    """
    from loaders.warehouse import connect

    settings = load_settings()
    loader = connect(settings, patience_seconds=PATIENCE_SECONDS)
    dbt = connect_as_dbt(settings, patience_seconds=PATIENCE_SECONDS)
    owners = {settings.raw_database: loader, settings.staging_database: dbt, settings.marts_database: dbt}
    models = versioned_models(prepared_project().manifest_path, settings)
    found = fragmented_partitions(dbt, owners, settings.marts_database, models, config.parts)
    chosen = found[: config.at_most]
    with all_attempted() as attempt:
        for each in chosen:
            place = f"{each.database}.{each.table}, partition {each.partition_id}"
            context.log.info(f"{place}: {each.parts} parts")
            with attempt(place):
                merge(owners[each.database], each)
    return dg.MaterializeResult(
        metadata={
            "partitions": len(chosen), "parts": sum(each.parts for each in chosen), "left": len(found) - len(chosen),
        }
    )  # fmt: skip


@dg.asset(key=["maintenance", "expired"], group_name="maintenance", owners=OWNERS, kinds={"clickhouse"}, pool="models")
def expired(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """What nobody reads any more: old claims of loaders, what the books say of old runs, tables that killed runs left.

    Raw records have no time to live: they are what everything is made of, and what the audit counts.
    """
    from loaders.warehouse import connect

    settings = load_settings()
    loader = connect(settings, patience_seconds=PATIENCE_SECONDS)
    dbt = connect_as_dbt(settings, patience_seconds=PATIENCE_SECONDS)
    claims = upkeep.old_claims(settings.raw_database)
    there = loader.command(f"exists table {settings.raw_database}.load_claims")
    removed = int(loader.command(f"select count() {claims}")) if there else 0  # type: ignore[arg-type]
    if removed:
        loader.command(f"delete {claims}")
    tables = dbt.query(upkeep.leftovers([settings.staging_database, settings.marts_database])).result_rows
    for database, table in tables:
        dbt.command(f"drop table if exists {database}.`{table}` sync")
    models = versioned_models(prepared_project().manifest_path, settings)
    books = forget_runs(dbt, settings.marts_database, models)
    for book, rows in books.items():
        context.log.info(f"{book}: {rows} rows")
    return dg.MaterializeResult(
        metadata={"claims": removed, "rows_of_books": sum(books.values()), "tables": len(tables)}
    )


class RunsConfig(dg.Config):
    """The launchpad's fields."""

    keep_days: int = Field(
        default=KEEP_DAYS, ge=1, description="Keep runs, and evaluations of checks, for so many days."
    )
    at_most: int = Field(default=10_000, ge=1, description="So many runs at once, the oldest first.")


@dg.asset(key=["maintenance", "old_runs"], group_name="maintenance", owners=OWNERS, kinds={"dagster"}, pool="quality")
def old_runs(context: dg.AssetExecutionContext, config: RunsConfig) -> dg.MaterializeResult[None]:
    """What Dagster keeps of runs that are long over: their events and logs, but for the last of each asset and check.

    So it is with evaluations of checks, and with what sensors told of assets. Runs of partitions stay, as they say
    which days were built.
    """
    # Imported here: they are made of this module too.
    from orchestration.definitions import definitions

    checks = definitions().resolve_asset_graph().asset_check_keys
    removed = remove_old_runs(context.instance, checks, at_most=config.at_most, keep_days=config.keep_days)
    rows = remove_old_rows(context.instance, keep_days=config.keep_days)
    return dg.MaterializeResult(metadata={"runs": removed, "rows": rows})


@dg.asset(
    key=["maintenance", "closed_rows"], group_name="maintenance", owners=OWNERS, kinds={"clickhouse"}, pool="models"
)
def closed_rows(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Row versions that runs replaced, once every model has taken note, where they are a fifth of a partition or more.

    A model that is not built for long holds them back: `mart_status` says when each last was.
    """
    settings = load_settings()
    models = versioned_models(prepared_project().manifest_path, settings)
    dbt = connect_as_dbt(settings, patience_seconds=PATIENCE_SECONDS)
    removed = remove_closed_rows(dbt, settings.marts_database, models)
    for table, rows in removed.items():
        context.log.info(f"{table}: {rows} rows")
    return dg.MaterializeResult(metadata={"tables": len(removed), "rows": sum(removed.values())})
