"""Alone on the warehouse: a lock that two daemons, two machines or an overlapping tick cannot both hold.

Each holding is a table, `lock_<name>_<epoch>`, and `CREATE TABLE` is atomic: of two that want the same epoch, one
gets it. The holder beats into its table; one that fell silent is taken over by creating the next epoch and dropping
its table, so that the old holder, should it wake up, finds its table gone and stops. Times are the server's.
"""

from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from loaders.errors import ThroughlineError

_TABLE_EXISTS: Final = 57


class BusyError(ThroughlineError):
    """Another run holds the lock, and showed life within the patience. `holder` is who it is, where that is known."""

    def __init__(self, message: str, *, holder: str = "") -> None:
        super().__init__(message)
        self.holder = holder


class LockLostError(ThroughlineError):
    """The lock went to another run, because this one was silent for too long."""


@dataclass(frozen=True)
class Holding:
    """One epoch of a lock, seen through one client."""

    client: Client
    database: str
    name: str
    epoch: int

    @property
    def table(self) -> str:
        """Its name also marks, within a comment, the queries of this holding, so that a successor can end them."""
        return f"{self.database}.lock_{self.name}_{self.epoch:08d}"

    def beat(self) -> None:
        """Show life. Raises LockLostError when this is not the newest epoch any more."""
        newest = _newest_epoch(self.client, self.database, self.name)
        if newest != self.epoch:
            raise LockLostError(f"The lock `{self.name}` went on to epoch {newest}; this run held {self.epoch}.")
        self.client.command(f"insert into {self.table} (is_released) values (0)")
        self.end_predecessors()

    def end_predecessors(self) -> None:
        """End the queries of older epochs: a dbt process may outlive the run that started it, and send one more."""
        pattern = f"{self.database}.lock_{self.name}_([0-9]{{8}})"
        self.client.command(
            f"kill query where query_kind != 'KillQuery' and toUInt32OrZero(extract(query, '{pattern}')) "
            f"between 1 and {self.epoch - 1} sync"
        )

    def release(self) -> None:
        """The table stays: the next holder counts on from its epoch."""
        self.client.command(f"insert into {self.table} (is_released) values (1)")


def acquire(client: Client, database: str, name: str, *, holder: str, patience_seconds: float) -> Holding:
    """Take the lock, also from a holder that was silent for `patience_seconds`, whose queries end here.

    Raises BusyError when another run has it, or takes it at the same moment.
    """
    newest = _newest_epoch(client, database, name)
    if newest:
        _refuse_if_held(Holding(client, database, name, newest), patience_seconds)
    mine = Holding(client, database, name, newest + 1)
    try:
        client.command(
            f"create table {mine.table} (beat_at DateTime64(3, 'UTC') default now64(3), is_released Bool) "
            "engine = MergeTree order by beat_at comment %(holder)s",
            parameters={"holder": holder},
        )
    except DatabaseError as error:
        if error.code == _TABLE_EXISTS:
            raise BusyError(f"Another run took the lock `{name}` at this moment.") from error
        raise
    if _newest_epoch(client, database, name) != mine.epoch:
        client.command(f"drop table {mine.table} sync")
        raise BusyError(f"Other runs took the lock `{name}` while this one was about to.")
    if newest:
        mine.end_predecessors()
        client.command(f"drop table if exists {Holding(client, database, name, newest).table} sync")
    return mine


def _newest_epoch(client: Client, database: str, name: str) -> int:
    """0 when nobody ever held the lock."""
    [(epoch,)] = client.query(
        "select max(toUInt32OrZero(substring(name, length(%(prefix)s) + 1))) from system.tables "
        "where database = %(database)s and startsWith(name, %(prefix)s)",
        parameters={"database": database, "prefix": f"lock_{name}_"},
    ).result_rows
    return int(epoch)


def _refuse_if_held(last: Holding, patience_seconds: float) -> None:
    """A holder that has not beaten yet is as old as its table."""
    [(holder, silent_seconds)] = last.client.query(
        "select comment, dateDiff('millisecond', metadata_modification_time, now64(3)) / 1000 "
        "from system.tables where database = %(database)s and name = %(table)s",
        parameters={"database": last.database, "table": last.table.split(".")[1]},
    ).result_rows or [("", patience_seconds)]
    [(beats, is_released, since_beat)] = last.client.query(
        f"select count(), max(is_released), dateDiff('millisecond', max(beat_at), now64(3)) / 1000 from {last.table}"
    ).result_rows
    if not is_released and (since_beat if beats else silent_seconds) < patience_seconds:
        raise BusyError(
            f"`{last.name}` is being done by {holder}. Nothing runs beside itself; try again when it ended.",
            holder=holder,
        )
