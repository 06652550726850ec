"""The worked examples of docs/semantics.md: each table is what the query above it answers."""

import re
from typing import Any

import pytest

from tests.macros.harness import PROJECT_DIR, Macros, create_events, execute, query

MACROS = Macros()
PAGE = (PROJECT_DIR / "docs" / "semantics.md").read_text()
TABLE = r"((?:\|[^\n]*\n)+)"
MODEL = "models/marts/sessions/int_sessions_aggregated.sql"
# As where everything is built.
WHOLE = """
{% macro is_incremental_build() %}{{ return(false) }}{% endmacro %}
{% macro is_dirty(columns, keys=none) %}true{% endmacro %}
{% macro prepared(name, select_sql) %}({{ select_sql }}){% endmacro %}
"""
EXAMPLES = re.findall(r"```sql\n(.*?)\n```\n\n" + TABLE, PAGE, flags=re.DOTALL)


def rows_of(table: str) -> list[dict[str, str]]:
    """A Markdown table's rows, by its header."""
    header, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def as_written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(autouse=True)
def _the_example_is_loaded() -> None:
    match = re.search(r"## The example\n\n" + TABLE, PAGE)
    assert match
    create_events({**row, "event_id": str(number)} for number, row in enumerate(rows_of(match.group(1))))


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) >= 8


def test_sessions_are_what_the_page_says() -> None:
    visits, sessions = re.findall(TABLE, PAGE.split("## Sessions")[1])[:2]
    columns = "event, page_path, toLowCardinality(channel) as channel, toLowCardinality(campaign_name) as campaign_name"
    execute("drop table if exists int_events_sessionized")
    execute(
        "create table int_events_sessionized engine = Memory as select 'default' as project_id,"
        " toString(toDate(at)) as session_id, 1::UInt64 as owner_key, owner_key as identifier_key, 'one' as device_id,"
        " '' as user_id, at as event_id, toDateTime64(at, 3, 'UTC') as occurred_at, occurred_at as client_timestamp,"
        " '' as page, toLowCardinality('') as page_host, '' as user_agent, 0::UInt8 as is_bot,"
        f" toLowCardinality('') as campaign_source, toLowCardinality('') as campaign_medium, {columns} from values("
        "'at String, event String, page_path String, channel String, campaign_name String', "
        f"{', '.join(str(tuple(row.values())) for row in rows_of(visits))})"
    )
    expected = rows_of(sessions)
    macros = Macros()
    macros.define(WHOLE)
    model = macros.render((PROJECT_DIR / MODEL).read_text(), config=lambda **_: "")
    answer = query(f"select * from ({model}) order by session_start_at")
    found = [
        {name: as_written("" if row[name] is None else row[name]).removesuffix(".000") for name in expected[0]}
        for row in answer
    ]
    assert found == expected


@pytest.mark.parametrize(("sql", "table"), EXAMPLES, ids=[sql.splitlines()[0][:60] for sql, _ in EXAMPLES])
def test_a_query_answers_what_the_page_says(sql: str, table: str) -> None:
    answer = query(MACROS.render(sql))
    assert [{name: as_written(value) for name, value in row.items()} for row in answer] == rows_of(table)
