"""Backups of the warehouse: each database as the user that owns it, to wherever THROUGHLINE_BACKUP_TO says."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from loaders.errors import ThroughlineError

_NAME: Final = "{name}"
# As system.backups calls them.
_UNDER_WAY: Final = ("CREATING_BACKUP", "RESTORING")
_DONE: Final = ("BACKUP_CREATED", "RESTORED")
_LONGEST_PAUSE: Final = 10.0


class BackupSettings(BaseSettings):
    """Field names in capitals are the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    # As ClickHouse writes a place, with {name} in it: File('{name}'), Disk('backups', '{name}'),
    # S3('https://bucket.example.org/{name}', 'key', 'secret'). It may hold a secret and is shown nowhere.
    throughline_backup_to: SecretStr = SecretStr("File('{name}')")


class BackupMisconfiguredError(ThroughlineError):
    """THROUGHLINE_BACKUP_TO is no place."""


class BackupFailedError(ThroughlineError):
    """ClickHouse did not finish a backup, or a restore; it says why."""


@dataclass(frozen=True)
class Backup:
    """One finished backup of one database."""

    name: str
    files: int
    bytes: int
    seconds: float


def name_of(database: str, at: datetime) -> str:
    return f"{database}-{at:%Y%m%dT%H%M%S}"


def place(settings: BackupSettings, name: str) -> str:
    """The place of one backup, as SQL."""
    template = settings.throughline_backup_to.get_secret_value()
    if _NAME not in template or not re.fullmatch(r"(File|Disk|S3|AzureBlobStorage)\(.*\)", template):
        raise BackupMisconfiguredError(
            "THROUGHLINE_BACKUP_TO is not a place as ClickHouse writes it with {name} in it, "
            "such as S3('https://bucket.example.org/{name}', 'key', 'secret')"
        )
    return template.replace(_NAME, name)


def back_up(client: Client, database: str, settings: BackupSettings, *, at: datetime) -> Backup:
    """Back one database up and wait for it. The client's user owns the database."""
    name = name_of(database, at)
    files, size, seconds = _run(client, f"backup database {database} to {place(settings, name)}")
    return Backup(name, files, size, seconds)


def restore(client: Client, name: str, settings: BackupSettings, *, database: str, into: str) -> None:
    """Restore a database: under another name to look at it, under its own, which must be free, to go on with it.

    Its views read tables of the database of that name, so what was restored under another one is not to be renamed.
    """
    _run(client, f"restore database {database} as {into} from {place(settings, name)}")


def _run(client: Client, statement: str) -> tuple[int, int, float]:
    """Start BACKUP or RESTORE and ask for it until it is over: files, bytes, seconds.

    It may take hours, in which nothing would be heard over a connection that waits for it.
    """
    try:
        [[operation, *_]] = client.query(f"{statement} async").result_rows
    except ClickHouseError as refusal:
        raise BackupFailedError(_without_secrets(str(refusal))) from None
    pause = 0.1
    while True:
        rows = client.query(
            "select status, error, num_files, total_size, dateDiff('millisecond', start_time, end_time) / 1000"
            " from system.backups where id = {operation:String}",
            parameters={"operation": operation},
        ).result_rows
        status, error, *numbers = rows[0] if rows else ("gone", "ClickHouse was started again meanwhile")
        if status in _DONE:
            files, size, seconds = numbers
            return int(files), int(size), float(seconds)
        if status not in _UNDER_WAY:
            raise BackupFailedError(f"{status}: {_without_secrets(error)}")
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _without_secrets(error: str) -> str:
    """What ClickHouse says of a statement that names a place and its keys."""
    if "SYNTAX_ERROR" in error:
        # Quotes may be what is wrong, so nothing tells what is a key.
        return "ClickHouse does not understand it: is THROUGHLINE_BACKUP_TO a place as ClickHouse writes it?"
    return re.sub(r"'(?:[^'\\]|\\.)*'", "'…'", error)
