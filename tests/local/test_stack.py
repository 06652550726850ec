"""The local stack on real engines."""

from clickhouse_connect.driver.client import Client

from local.stack import Stack


def test_up_again_changes_nothing(stack: Stack) -> None:
    before = stack.status()
    stack.up()
    assert [row.pid for row in stack.status()] == [row.pid for row in before]
    assert {row.service: row.state for row in before} == {
        "clickhouse": "running",
        "kafka": "running",
        "dagster": "stopped",
    }


def test_each_test_has_databases_of_its_own(clickhouse: Client) -> None:
    names = [row[0] for row in clickhouse.query("SHOW DATABASES").result_rows]
    assert sum(name.startswith("raw_t") for name in names) == 1
