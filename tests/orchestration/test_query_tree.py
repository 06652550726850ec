"""The columns that a query is made of, as a real server resolves them."""

import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from orchestration.lib.query_tree import EXPLAIN, QueryTree


@pytest.fixture
def tables(clickhouse: Client, settings: Settings) -> str:
    database = settings.raw_database
    clickhouse.command(f"create database if not exists {database}")
    clickhouse.command(
        f"create table {database}.visits (id UInt64, page String, seconds UInt32, tags Array(String), more JSON)"
        " engine = MergeTree order by id"
    )
    clickhouse.command(f"create table {database}.persons (id UInt64, name String) engine = MergeTree order by id")
    clickhouse.command(
        f"create dictionary {database}.names (id UInt64, name String) primary key id"
        f" source(clickhouse(table 'persons' db '{database}')) layout(flat()) lifetime(0)"
    )
    return database


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("select page as url from {d}.visits", {"url": "visits.page"}, id="another name"),
        pytest.param(
            "select concat(page, toString(seconds)) as both, count() as n from {d}.visits where id > 1 group by both",
            {"both": "visits.page visits.seconds", "n": ""},
            id="an expression counts whole and a condition does not",
        ),
        pytest.param(
            "with long as (select seconds * 2 as twice, page from {d}.visits), sums as (select sum(twice) as total,"
            " page from long group by page) select total / 2 as half, page from sums",
            {"half": "visits.seconds", "page": "visits.page"},
            id="through two subqueries",
        ),
        pytest.param(
            "select name, v.page as page from {d}.visits as v left join {d}.persons as p on v.id = p.id",
            {"name": "persons.name", "page": "visits.page"},
            id="a join",
        ),
        pytest.param(
            "select id, name from {d}.visits join {d}.persons using (id)",
            {"id": "visits.id", "name": "persons.name"},
            id="a join by using",
        ),
        pytest.param(
            "select page as text from {d}.visits union all select name from {d}.persons",
            {"text": "visits.page persons.name"},
            id="a union by place",
        ),
        pytest.param(
            "select arrayMap(tag -> concat(tag, page), tags) as marked, tag from {d}.visits array join tags as tag",
            {"marked": "visits.tags visits.page", "tag": "visits.tags"},
            id="a lambda and an array join",
        ),
        pytest.param(
            "select more.deep.er as deeper, seconds from {d}.visits",
            {"deeper": "visits.more", "seconds": "visits.seconds"},
            id="a path of a JSON column",
        ),
        pytest.param(
            "select dictGet('{d}.names', 'name', id) as name from {d}.visits",
            {"name": "visits.id names.name"},
            id="a dictionary that is asked",
        ),
        pytest.param(
            "select row_number() over (partition by page order by id) as place from {d}.visits",
            {"place": "visits.page visits.id"},
            id="a window",
        ),
    ],
)
def test_each_column_is_traced_to_the_tables(
    query: str, expected: dict[str, str], tables: str, clickhouse: Client
) -> None:
    rows = clickhouse.query(EXPLAIN + query.format(d=tables)).result_rows
    found = QueryTree([line for (line,) in rows]).columns
    assert list(found) == list(expected)
    assert found == {
        column: {(f"{tables}.{one.split('.')[0]}", one.split(".")[1]) for one in names.split()}
        for column, names in expected.items()
    }
