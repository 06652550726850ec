"""The tracking plan: what is sent, in which type, whose it is."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local.plan.errors import PlanError

HEADER = (
    "event", "property", "type", "column", "owner", "status", "pii", "since", "description", "renamed_from",
    "conversion",
)  # fmt: skip
# Types that no value can make fail: what does not fit is the type's default.
TYPES = (
    "String", "LowCardinality(String)", "Bool", "Nullable(Bool)", "Nullable(Int64)", "Nullable(UInt64)",
    "Nullable(Float64)", "Nullable(Decimal(18, 4))", "Nullable(Date32)", "Nullable(DateTime64(3, 'UTC'))",
    "Array(String)",
)  # fmt: skip
STATUSES = ("planned", "live", "deprecated")
PII = ("none", "pseudonymous", "personal", "sensitive")
ANY_EVENT = "*"
# Between the old names of an event.
SEPARATOR = "|"


@dataclass(frozen=True)
class PlanLine:
    """One line: a property of an event, or, where `path` is '', the event itself."""

    number: int
    event: str
    path: str
    type: str
    column: str
    owner: str
    status: str
    pii: str
    since: str
    description: str
    renamed_from: str
    conversion: str


@dataclass(frozen=True)
class PlannedColumn:
    """A typed column of fct_events, and the events whose property it holds."""

    path: str
    column: str
    type: str
    lines: tuple[PlanLine, ...]

    @property
    def events(self) -> list[str]:
        return [line.event for line in self.lines]


@dataclass(frozen=True)
class Plan:
    """A plan that was checked: `columns` in the order of the file, `renamed` from old names to new ones, `conversions`
    from events to the columns of fct_sessions that say whether a session has one."""

    columns: tuple[PlannedColumn, ...]
    renamed: dict[str, str]
    conversions: dict[str, str]

    @classmethod
    def read(cls, path: Path, *, reserved: Iterable[str] = ()) -> Self:
        """Read and check a plan. Raises a PlanError that names the first wrong line and what it may hold."""
        from local.plan.rules import check

        lines = _lines(path)
        check(path, lines, reserved=frozenset(reserved))
        columns: dict[str, list[PlanLine]] = {}
        for line in lines:
            if line.path:
                columns.setdefault(line.column, []).append(line)
        return cls(
            tuple(PlannedColumn(some[0].path, column, some[0].type, tuple(some)) for column, some in columns.items()),
            {old: line.event for line in lines for old in old_names(line)},
            {line.event: line.conversion for line in lines if line.conversion},
        )


def old_names(line: PlanLine) -> list[str]:
    return [name for name in line.renamed_from.split(SEPARATOR) if name]


def _lines(path: Path) -> list[PlanLine]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file, strict=True)
            header = tuple(next(rows, ()))
            if header != HEADER:
                raise PlanError(f"{path}:1: the header is {','.join(header)!r}; it must be {','.join(HEADER)!r}")
            return [_line(path, rows.line_num, row) for row in rows if row]
    except OSError as error:
        raise PlanError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise PlanError(f"{path}: not a CSV file in UTF-8: {error}") from error


def _line(path: Path, number: int, row: list[str]) -> PlanLine:
    if len(row) != len(HEADER):
        raise PlanError(f"{path}:{number}: {len(row)} cells; there must be {len(HEADER)}: {', '.join(HEADER)}")
    cells = dict(zip(HEADER, row, strict=True))
    # `Nullable(Decimal(18,4))` is what people type.
    cells["type"] = re.sub(r",\s*", ", ", cells["type"].strip())
    return PlanLine(number=number, path=cells.pop("property"), **cells)
