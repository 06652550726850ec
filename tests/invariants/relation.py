"""A model as it stands in the warehouse, compared by its rows in any order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Fingerprint(NamedTuple):
    rows: int
    hash: int


@dataclass(frozen=True)
class Relation:
    """`columns` are types by name. States of aggregates are compared by what they finalise to."""

    model: str
    path: str
    columns: Mapping[str, str]

    def fingerprint(self, without: Collection[str] = ()) -> str:
        return (
            f"SELECT '{self.model}' AS model, count() AS rows, sum(sipHash64({self._row(without)})) AS hash"
            f" FROM {self.path}"
        )

    def rows(self, without: Collection[str] = ()) -> str:
        """Rows as text."""
        return f"SELECT {self._row(without)} AS row FROM {self.path}"

    def minus(self, other: "Relation", without: Collection[str] = ()) -> str:
        """Rows as text that this has and the other has not, or not as often."""
        rows = "SELECT {row} AS row, {sign} AS sign FROM {path}"
        mine = rows.format(row=self._row(without), sign=1, path=self.path)
        others = rows.format(row=other._row(without), sign=-1, path=other.path)
        return f"SELECT row FROM ({mine} UNION ALL {others}) GROUP BY row HAVING sum(sign) > 0 ORDER BY row LIMIT 20"

    def _row(self, without: Collection[str]) -> str:
        values = [
            f"finalizeAggregation(`{name}`) AS `{name}_final`" if kind.startswith("AggregateFunction") else f"`{name}`"
            for name, kind in self.columns.items()
            if name not in without
        ]
        return f"toJSONString(tuple({', '.join(values)}))"
