"""What keeps the warehouse small goes on where a part of it cannot be done."""

import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from orchestration.lib.attempts import PartsFailedError
from orchestration.lib.closed_rows import remove_closed_rows
from orchestration.lib.versioned_models import VersionedModel
from orchestration.lib.warehouse import connect_as_dbt

COLUMNS = "(day UInt8, number UInt64, closed UInt64)"


def test_a_table_that_cannot_be_written_now_keeps_no_other_from_it(warehouse: Settings, clickhouse: Client) -> None:
    marts = warehouse.marts_database
    [stuck, refusing, last] = [
        VersionedModel(name, f"{marts}.{name}_data", keeps_history=False) for name in ("stuck", "refusing", "last")
    ]
    clickhouse.command(
        f"create table {marts}.run_commits (model String, run UInt64) order by run as select 'last' as model, 1 as run"
    )
    clickhouse.command(f"create table {marts}.run_removals (run UInt64) order by run")
    for model in (stuck, last):
        clickhouse.command(
            f"create table {model.table} {COLUMNS} partition by day order by number"
            " as select number % 2 as day, number, number > 1 as closed from numbers(100)"
        )
    clickhouse.command(f"create table {refusing.table} {COLUMNS} engine = Merge('{marts}', '^last_data$')")
    # As a run left it that died while it waited.
    clickhouse.command(f"system stop merges {stuck.table}")
    clickhouse.command(f"alter table {stuck.table} delete where closed > 0 settings mutations_sync = 0")

    with pytest.raises(PartsFailedError) as failed:
        remove_closed_rows(connect_as_dbt(warehouse), marts, [stuck, refusing, last])
    parts = [line.split(":")[0] for line in str(failed.value).splitlines() if line.startswith(marts)]
    assert sorted(parts) == [f"{refusing.table}, partition {partition}" for partition in "01"]
    assert clickhouse.query(f"select number from {last.table} order by number").result_rows == [(0,), (1,)]
    [[asked]] = clickhouse.query("select count() from system.mutations where table = 'stuck_data'").result_rows
    assert asked == 1
