"""What a warehouse answers, as the oracle reads it."""

from typing import Any

from tests.invariants.warehouse import Warehouse

Row = tuple[Any, ...]


def rows_of(warehouse: Warehouse, query: str) -> list[Row]:
    """Rows of a query in which {marts} stands for the warehouse's database."""
    named = query.format(marts=warehouse.settings.marts_database)
    return [tuple(row) for row in warehouse.client.query(named).result_rows]
