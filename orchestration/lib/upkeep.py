"""What piles up in the warehouse, as the statements that look for it and remove it. Pure."""

from typing import Final

# Claims fence loaders by the highest epoch; older ones tell nobody anything after a while.
KEEP_CLAIMS_DAYS: Final = 7
# Longer than any run may take: what dbt made for a run is nobody's after that.
LEFTOVER_HOURS: Final = 12


def old_claims(database: str) -> str:
    """Claims that a later one of the same topic-partition has replaced long ago."""
    return (
        f"from {database}.load_claims where claimed_at < now64(3) - interval {KEEP_CLAIMS_DAYS} day "
        f"and (topic, partition, epoch) not in (select topic, partition, max(epoch) from {database}.load_claims "
        "group by topic, partition)"
    )


def leftovers(databases: list[str]) -> str:
    """(database, table): what dbt makes while it swaps a table, left by a run that was killed."""
    return (
        f"select database, name from system.tables where database in ({_list(databases)}) "
        "and match(name, '__dbt_(tmp|backup|new_data|new)(_[0-9a-z_]+)?$') "
        f"and metadata_modification_time < now() - interval {LEFTOVER_HOURS} hour order by database, name"
    )


def _list(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
