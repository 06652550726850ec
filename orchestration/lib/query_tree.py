"""Which columns of which tables each column of a query is made of, as ClickHouse itself resolves the query.

Read from the text of `EXPLAIN QUERY TREE` (https://clickhouse.com/docs/sql-reference/statements/explain), in which
names are bound to their sources: no parser of another make knows lambdas, `array join` and aliases as the server does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Final

EXPLAIN: Final = "explain query tree run_passes = 1, dump_ast = 0 "

_INDENT: Final = 2
_NODE: Final = re.compile(r"([A-Z_]+) id: (\d+)")
_SUBCOLUMN: Final = re.compile(r"[.].*", re.DOTALL)

TableColumn = tuple[str, str]
"""A table with its database, and one of its columns."""


@dataclass(slots=True)
class Item:
    """A line of the text: a node (`COLUMN id: 2, …`), the heading of a part of one (`JOIN TREE`), or a plain text."""

    text: str
    children: list["Item"] = field(default_factory=list)

    @property
    def kind(self) -> str:
        found = _NODE.match(self.text)
        return found[1] if found else self.text.split(" id: ")[0].rstrip()

    def attribute(self, name: str) -> str:
        found = re.search(rf"\b{name}: (.*?)(?:, [a-z_]+: |$)", self.text)
        return found[1] if found else ""

    def part(self, heading: str) -> list["Item"]:
        return next((child.children for child in self.children if child.text.strip() == heading), [])

    def listed(self, heading: str) -> list["Item"]:
        """What the list under a heading holds."""
        return [each for part in self.part(heading) for each in part.children]


_NOWHERE: Final = Item("")


class QueryTree:
    """A query as the server has resolved it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._nodes: dict[str, Item] = {}
        stack = [Item("")]
        for line in lines:
            item = Item(line.strip())
            depth = (len(line) - len(line.lstrip())) // _INDENT
            del stack[depth + 1 :]
            stack[-1].children.append(item)
            stack.append(item)
            if found := _NODE.match(item.text):
                self._nodes.setdefault(found[2], item)
        [self._root] = stack[0].children
        self._resolved = cache(self._resolve)

    @cached_property
    def columns(self) -> dict[str, frozenset[TableColumn]]:
        """Each column of the result, in order, with what its values are computed of.

        Conditions, joins and groupings choose rows and do not count. What a dictionary is asked for does.
        """
        return {name: self._of_result(self._root, place) for place, name in enumerate(_names(self._root))}

    @cached_property
    def tables(self) -> frozenset[str]:
        """All tables that the query reads, wherever."""
        return frozenset(node.attribute("table_name") for node in self._nodes.values() if node.kind == "TABLE")

    def _of_result(self, query: Item, place: int) -> frozenset[TableColumn]:
        if query.kind == "UNION":
            return frozenset().union(*(self._of_result(each, place) for each in query.listed("QUERIES")))
        return self._of(query.listed("PROJECTION")[place])

    def _of(self, item: Item) -> frozenset[TableColumn]:
        return frozenset(self._found(item))

    def _found(self, item: Item) -> Iterator[TableColumn]:
        match item.kind:
            case "COLUMN" if not item.children:
                yield from self._resolved(item.attribute("source_id"), item.attribute("column_name"))
            case "QUERY" | "UNION":
                for place in range(len(_names(item))):
                    yield from self._of_result(item, place)
            case "FUNCTION" if item.attribute("function_name").startswith("dictGet"):
                yield from _asked(item)
                yield from self._found_below(item)
            case _:
                yield from self._found_below(item)

    def _found_below(self, item: Item) -> Iterator[TableColumn]:
        for child in item.children:
            yield from self._found(child)

    def _resolve(self, source_id: str, name: str) -> frozenset[TableColumn]:
        """What a column is made of that a source (a table, a subquery, a join) has by this name."""
        # The argument of a lambda has none that is shown: what it goes through stands beside the lambda.
        source = self._nodes.get(source_id, _NOWHERE)
        match source.kind:
            case "TABLE":
                # Of a column with parts (JSON, a tuple) one may be read alone.
                return frozenset({(source.attribute("table_name"), _SUBCOLUMN.sub("", name))})
            case "QUERY" | "UNION" if name in _names(source):
                return self._of_result(source, _names(source).index(name))
            case "ARRAY_JOIN" | "JOIN":
                made = [*source.listed("JOIN EXPRESSIONS"), *source.listed("JOIN EXPRESSION")]
                return frozenset().union(
                    *(
                        self._of(column)
                        for column in made
                        if column.attribute("column_name") == name and column.children
                    )
                )
            case _:
                # The argument of a lambda: what it goes through stands beside the lambda.
                return frozenset()


def _names(query: Item) -> list[str]:
    """The columns of a subquery. Those of a union are named by its first one."""
    while query.kind == "UNION":
        query = query.listed("QUERIES")[0]
    return [item.text.split(" ")[0].strip("`") for item in query.part("PROJECTION COLUMNS")]


def _asked(function: Item) -> Iterator[TableColumn]:
    """The attributes that a `dictGet…` asks a dictionary for."""
    constants = [each.attribute("constant_value") for each in function.listed("ARGUMENTS") if each.kind == "CONSTANT"]
    if len(constants) > 1:
        dictionary, attributes = (re.findall(r"'([^'\\]+)", constant) for constant in constants[:2])
        yield from ((name, attribute) for name in dictionary for attribute in attributes)
