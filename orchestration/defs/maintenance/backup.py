"""The warehouse, somewhere else."""

from datetime import UTC, datetime

import dagster as dg

from loaders.settings import load_settings, local_dir
from orchestration.lib.attempts import all_attempted
from orchestration.lib.backups import Backup, BackupSettings, back_up
from orchestration.lib.streams import OWNERS
from orchestration.lib.warehouse import connect_as_dbt


@dg.asset(
    key=["maintenance", "backup"], group_name="maintenance", owners=OWNERS, kinds={"clickhouse"}, pool="maintenance"
)
def backup(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """A backup of `raw`, `staging` and `marts`, at the place that THROUGHLINE_BACKUP_TO names.

    `raw` is what cannot be made again, and the ledgers in `marts`; the rest saves the time of a full refresh.
    Each is one moment of its own: a restored warehouse is brought up to date by `load` and a build. Where one fails,
    the others are backed up all the same.
    """
    from loaders.warehouse import connect

    settings, at = load_settings(), datetime.now(UTC)
    to = BackupSettings(_env_file=local_dir() / "stack.env")
    loader, dbt = connect(settings), connect_as_dbt(settings)
    owners = {settings.raw_database: loader, settings.staging_database: dbt, settings.marts_database: dbt}
    made: list[Backup] = []
    with all_attempted() as attempt:
        for database, client in owners.items():
            with attempt(database):
                made.append(back_up(client, database, to, at=at))
                context.log.info(f"{made[-1].name}: {made[-1].bytes} bytes")
    return dg.MaterializeResult(
        metadata={
            "names": dg.MetadataValue.json([one.name for one in made]),
            "bytes": sum(one.bytes for one in made),
            "files": sum(one.files for one in made),
            "seconds": sum(one.seconds for one in made),
        }
    )
