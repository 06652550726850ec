"""Backups of the warehouse: each database as the user that owns it, to wherever THROUGHLINE_BACKUP_TO says."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clickhouse_connect.driver.client import Client
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from loaders.errors import ThroughlineError

_NAME: Final = "{name}"


class BackupSettings(BaseSettings):
    """Field names in capitals are the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    # As ClickHouse writes a place, with {name} in it: File('{name}'), Disk('backups', '{name}'),
    # S3('https://bucket.example.org/{name}', 'key', 'secret'). It may hold a secret and is shown nowhere.
    throughline_backup_to: SecretStr = SecretStr("File('{name}')")


class BackupMisconfiguredError(ThroughlineError):
    """THROUGHLINE_BACKUP_TO is no place."""


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
    _run(client, f"backup database {database} to {place(settings, name)}")
    [(files, size, seconds)] = client.query(
        "select num_files, total_size, dateDiff('millisecond', start_time, end_time) / 1000 from system.backups "
        "where name like %(name)s order by start_time desc limit 1",
        parameters={"name": f"%{name}%"},
    ).result_rows
    return Backup(name, int(files), int(size), float(seconds))


def restore(client: Client, name: str, settings: BackupSettings, *, database: str, into: str) -> None:
    """Restore a database: under another name to look at it, under its own, which must be free, to go on with it.

    Its views read tables of the database of that name, so what was restored under another one is not to be renamed.
    """
    _run(client, f"restore database {database} as {into} from {place(settings, name)}")


def _run(client: Client, statement: str) -> None:
    """BACKUP and RESTORE may take hours, and are answered at their end."""
    client.query(statement, settings={"send_progress_in_http_headers": 1, "http_headers_progress_interval_ms": 20000})
