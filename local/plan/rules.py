"""What a tracking plan must keep to. The first broken rule is one line that says where and what is allowed."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from local.plan.errors import PlanError
from local.plan.plan import ANY_EVENT, PII, SEPARATOR, STATUSES, TYPES, PlanLine, old_names

# A path such as `cart.total`. Quotes and backslashes would end the names that SQL is made of.
_PROPERTY = re.compile(r"[^\s.'\"`\\{}][^.'\"`\\{}\x00-\x1f]*(\.[^\s.'\"`\\{}][^.'\"`\\{}\x00-\x1f]*)*")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
# Apart from every other column of sessions.
_CONVERSION = re.compile(r"has_[a-z0-9_]+")


def check(path: Path, lines: Sequence[PlanLine], *, reserved: Collection[str]) -> None:
    """Raise a PlanError for the first line that breaks a rule; `reserved` are columns that the events have already."""
    for line in lines:
        wrong = _wrong_cell(line, reserved)
        if wrong:
            raise PlanError(f"{path}:{line.number}: {wrong}")
    for check_all in (_check_pairs, _check_columns, _check_paths, _check_renames, _check_conversions):
        check_all(path, lines)


def _wrong_cell(line: PlanLine, reserved: Collection[str]) -> str | None:
    """What is wrong with a line by itself, None if nothing is."""
    if not line.event:
        return f"no event; name one, or {ANY_EVENT} for a property of all events"
    for name, value, allowed in (("status", line.status, STATUSES), ("pii", line.pii, PII)):
        if value not in allowed:
            return f"{name} {value!r}; it must be one of {', '.join(allowed)}"
    if not line.owner or not line.description:
        return "an owner and a description must be there"
    if not _is_date(line.since):
        return f"since {line.since!r}; it must be a date such as 2026-01-31"
    return _wrong_property(line, reserved) if line.path else _wrong_event(line)


def _wrong_event(line: PlanLine) -> str | None:
    if line.type or line.column:
        return "a line without a property describes an event, which has neither type nor column"
    if line.event == ANY_EVENT:
        return f"{ANY_EVENT} stands for all events: name a property"
    if line.conversion and not _CONVERSION.fullmatch(line.conversion):
        return f"conversion {line.conversion!r}; it must be a column such as has_purchase, or empty"
    return None


def _wrong_property(line: PlanLine, reserved: Collection[str]) -> str | None:
    if line.renamed_from:
        return "renamed_from belongs to the line of the event itself, the one without a property"
    if line.conversion:
        return "conversion belongs to the line of the event itself, the one without a property"
    if not _PROPERTY.fullmatch(line.path):
        return f"property {line.path!r}; it must be a name or a path such as cart.total, without quotes"
    if line.type not in TYPES:
        return f"type {line.type!r} of {line.path}; it must be one of {'; '.join(TYPES)}"
    if not _COLUMN.fullmatch(line.column):
        return f"column {line.column!r}; it must be of lower-case letters, digits and _"
    if line.column in reserved:
        return f"column {line.column!r} of {line.path} is one that events or SQL have already; name it otherwise"
    return None


def _check_pairs(path: Path, lines: Sequence[PlanLine]) -> None:
    first: dict[tuple[str, str], PlanLine] = {}
    for line in lines:
        earlier = first.setdefault((line.event, line.path), line)
        if earlier is not line:
            what = f"{line.path} of {line.event}" if line.path else f"event {line.event}"
            raise PlanError(f"{path}:{line.number}: {what} stands in line {earlier.number} already")


def _check_columns(path: Path, lines: Sequence[PlanLine]) -> None:
    """One property, one column, one type, however many events have it."""
    by_column: dict[str, PlanLine] = {}
    by_property: dict[str, PlanLine] = {}
    for line in (line for line in lines if line.path):
        for earlier in (by_column.setdefault(line.column, line), by_property.setdefault(line.path, line)):
            if (line.path, line.column, line.type) != (earlier.path, earlier.column, earlier.type):
                raise PlanError(
                    f"{path}:{line.number}: {line.path} as {line.column} {line.type}, "
                    f"but line {earlier.number} has {earlier.path} as {earlier.column} {earlier.type}; "
                    "a column holds one property in one type"
                )


def _check_paths(path: Path, lines: Sequence[PlanLine]) -> None:
    properties = {line.path: line for line in lines if line.path}
    for line in properties.values():
        steps = line.path.split(".")
        for end in range(1, len(steps)):
            outer = properties.get(".".join(steps[:end]))
            if outer is not None:
                raise PlanError(
                    f"{path}:{line.number}: {line.path} lies inside {outer.path} of line {outer.number}; "
                    "plan one of them"
                )


def _check_renames(path: Path, lines: Sequence[PlanLine]) -> None:
    names = {line.event: line for line in lines}
    taken: dict[str, PlanLine] = {}
    for line in lines:
        for old in old_names(line):
            earlier = names.get(old) or taken.get(old)
            if earlier is not None:
                raise PlanError(
                    f"{path}:{line.number}: the old name {old!r} stands in line {earlier.number} too; "
                    f"an event is one event's old name (several are separated by {SEPARATOR})"
                )
            taken[old] = line


def _check_conversions(path: Path, lines: Sequence[PlanLine]) -> None:
    taken: dict[str, PlanLine] = {}
    for line in (line for line in lines if line.conversion):
        earlier = taken.setdefault(line.conversion, line)
        if earlier is not line:
            raise PlanError(f"{path}:{line.number}: conversion {line.conversion!r} stands in line {earlier.number} too")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
