"""Two answers to one question, compared cell by cell or group by group."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One question, how many answers were compared, and the first differences in words; none means equal."""

    name: str
    compared: int
    unit: str
    differences: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_equal(self) -> bool:
        return not self.differences


def different_cells(expected: Mapping[Any, Any], actual: Mapping[Any, Any]) -> tuple[str, ...]:
    """The cells that are missing, too many or unequal: the first few by key, then how many more."""
    keys = [key for key, value in expected.items() if key not in actual or actual[key] != value]
    keys += [key for key in actual if key not in expected]
    return _few(
        f"{_words(key)}: expected {_value(expected, key)}, the warehouse has {_value(actual, key)}"
        for key in sorted(keys, key=repr)
    )


def different_groups(expected: Mapping[Any, Hashable], actual: Mapping[Any, Hashable]) -> tuple[str, ...]:
    """Where two ways of grouping the same members differ; groups may be named in any way, but '' is no group.

    Every expected group must be one actual group and the other way round. Members that only one side has differ too.
    """
    to_actual: dict[Hashable, Hashable] = {"": ""}
    to_expected: dict[Hashable, Hashable] = {"": ""}

    def told() -> Iterable[str]:
        for member, ours in expected.items():
            if member not in actual:
                yield f"{_words(member)}: missing in the warehouse"
                continue
            theirs = actual[member]
            if to_actual.setdefault(ours, theirs) != theirs:
                yield f"{_words(member)}: {ours} is spread over {to_actual[ours]} and {theirs}"
            elif to_expected.setdefault(theirs, ours) != ours:
                yield f"{_words(member)}: {theirs} holds both {to_expected[theirs]} and {ours}"
        for member in actual:
            if member not in expected:
                yield f"{_words(member)}: only in the warehouse"

    return _few(told())


def rounded(seconds: float | None) -> float | None:
    """Both sides interpolate between milliseconds, in another order of operations."""
    return None if seconds is None else round(seconds, 4)


def _few(differences: Iterable[str]) -> tuple[str, ...]:
    remaining = iter(differences)
    first = tuple(islice(remaining, _SHOWN))
    more = sum(1 for _ in remaining)
    return (*first, f"and {more:,} more") if more else first


def _words(key: Any) -> str:
    return " / ".join(str(part) for part in key if part != "") if isinstance(key, tuple) else str(key)


def _value(cells: Mapping[Any, Any], key: Any) -> str:
    return str(cells[key]) if key in cells else "nothing"
