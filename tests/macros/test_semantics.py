"""The worked examples of docs/semantics.md: each table is what the query above it answers."""

import re
from typing import Any

import pytest

from tests.macros.harness import PROJECT_DIR, Macros, create_events, query

MACROS = Macros()
PAGE = (PROJECT_DIR / "docs" / "semantics.md").read_text()
TABLE = r"((?:\|[^\n]*\n)+)"
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


@pytest.mark.parametrize(("sql", "table"), EXAMPLES, ids=[sql.splitlines()[0][:60] for sql, _ in EXAMPLES])
def test_a_query_answers_what_the_page_says(sql: str, table: str) -> None:
    answer = query(MACROS.render(sql))
    assert [{name: as_written(value) for name, value in row.items()} for row in answer] == rows_of(table)
