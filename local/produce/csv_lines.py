"""The lines that a CSV file's rows are made of."""

import csv
from collections import deque
from collections.abc import Iterable
from typing import Self

from local.produce.message import BadLine

# Where quotes of every line close those of the line before, a row would have no end.
MOST_LINES = 1_000


class CsvLines:
    """The text of the lines, remembering those of the row: some may have to be read again as rows of their own."""

    def __init__(self, lines: Iterable[tuple[int, bytes]]) -> None:
        self._lines = iter(lines)
        self._again: deque[tuple[int, bytes]] = deque()
        self._row: list[tuple[int, bytes]] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if len(self._row) == MOST_LINES:
            raise csv.Error(f"no end within {MOST_LINES:,} lines")
        number, line = self._next()
        # Between rows a blank line is nothing; within quotes it belongs to the cell.
        while not self._row and not line.rstrip(b"\r\n"):
            number, line = self._next()
        self._row.append((number, line))
        # Bytes that are no UTF-8 must not end the run; the row says so by its replacement characters.
        return line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace")

    @property
    def number(self) -> int:
        """That of the row's first line."""
        return self._row[0][0]

    def begin_row(self) -> None:
        self._row.clear()

    def bad(self, reason: str) -> tuple[int, BadLine]:
        """The row as a bad line."""
        value = b"".join(line for _, line in self._row).rstrip(b"\r\n")
        return self.number, BadLine(self.number, value, reason)

    def give_back(self, reason: str) -> tuple[int, BadLine]:
        """The row's first line as a bad line; those after it come again."""
        self._again.extendleft(reversed(self._row[1:]))
        del self._row[1:]
        return self.bad(reason)

    def _next(self) -> tuple[int, bytes]:
        return self._again.popleft() if self._again else next(self._lines)
