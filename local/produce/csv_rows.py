"""The rows of a CSV file as messages."""

import csv
import math
import string
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from local.produce.csv_lines import CsvLines
from local.produce.errors import MappingError
from local.produce.mapping import CsvMapping
from local.produce.message import BadLine, Message, key_of, milliseconds, time_of

_TIMES = ("timestamp", "sent_at", "received_at")
# An event may lack these, so a row may as well.
_OPTIONAL_TIMES = ("sent_at", "received_at")


def read_csv(
    lines: Iterable[tuple[int, bytes]], mapping: CsvMapping, path: Path
) -> Iterator[tuple[int, Message | BadLine]]:
    """(number of its first line, message) of each row.

    `lines` are as they stand, with their ends. A row that is not whole, as of a quote that nothing closes, costs its
    first line only: reading goes on with the next. Raises MappingError where the header lacks a column of the mapping.
    """
    source = CsvLines(lines)
    rows = csv.reader(source, delimiter=mapping.delimiter, strict=True)
    try:
        header = next(rows, None)
    except csv.Error as error:
        raise MappingError(
            f"{path}: the header is not CSV ({error}): is {mapping.delimiter!r} the delimiter?"
        ) from error
    if header is None:
        raise MappingError(f"{path}: empty: its first line must name the columns")
    build = _builder(mapping, header, path)
    row_number = 0
    while True:
        source.begin_row()
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            row_number += 1
            yield source.give_back(f"not CSV: {error}")
            continue
        row_number += 1
        if len(row) != len(header):
            yield source.give_back(f"{len(row)} cells where the header has {len(header)}")
            continue
        try:
            body = build(row_number, row)
        except ValueError as error:
            yield source.bad(str(error))
            continue
        yield source.number, Message(key_of(body), orjson.dumps(body), time_of(body))


def require_ids_of_their_own(mapping: CsvMapping, paths: Sequence[Path]) -> None:
    """Raises MappingError where rows of several files would be given the same ids, and be taken for copies."""
    if len(paths) > 1 and mapping.makes_ids:
        raise MappingError(
            f"{paths[1]}: its rows would have the ids of those of {paths[0]}, which are made of their numbers: map a "
            "column to event_id, or produce each file with a mapping that has an event_id_namespace of its own"
        )


def _builder(mapping: CsvMapping, header: list[str], path: Path) -> Callable[[int, list[str]], dict[str, Any]]:
    """A function that makes the body of a row."""
    columns = {name: index for index, name in enumerate(header)}
    envelope = {key: _cell(text, columns, path, key) for key, text in mapping.envelope.items()}
    properties = {
        name: _cell(text, columns, path, f"properties.{name}", is_template=False)
        for name, text in mapping.properties.items()
    }
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, mapping.event_id_namespace)
    makes_ids = mapping.makes_ids
    numbers = frozenset(mapping.numbers)
    constants = {str(key): value for key, value in mapping.constants.items()}

    def build(number: int, row: list[str]) -> dict[str, Any]:
        body: dict[str, Any] = {key: cell(row) for key, cell in envelope.items()}
        body |= constants
        if makes_ids:
            body["event_id"] = str(uuid.uuid5(namespace, str(number)))
        if "event" in body:
            body["event"] = mapping.rename_events.get(body["event"], body["event"])
        for key in _OPTIONAL_TIMES:
            if body.get(key) == "":
                del body[key]
        for key in _TIMES:
            if key in body:
                body[key] = _time(key, body[key])
        body["properties"] = {
            name: _number(name, text) if name in numbers else text
            for name, text in ((name, cell(row)) for name, cell in properties.items())
            if text != ""
        }
        return body

    return build


def _cell(
    text: str, columns: Mapping[str, int], path: Path, key: str, is_template: bool = True
) -> Callable[[list[str]], str]:
    """What reads a column, or fills a text with columns."""
    if text in columns:
        index = columns[text]
        return lambda row: row[index]
    try:
        parts = _parts(text) if is_template else []
    except ValueError as error:
        raise MappingError(f"{path}: {key}: {text!r} is no text with columns in braces: {error}") from error
    names = [name for _, name in parts if name is not None]
    missing = [name for name in names or [text] if name not in columns]
    if missing:
        raise MappingError(f"{path}: no column {missing[0]!r} for {key}; the header has {', '.join(columns)}")
    pieces = [(literal, None if name is None else columns[name]) for literal, name in parts]
    return lambda row: "".join(literal + ("" if index is None else row[index]) for literal, index in pieces)


def _parts(text: str) -> list[tuple[str, str | None]]:
    """Text and the name in braces after it. A name is whatever stands in the braces, dots and colons as well."""
    return [
        (
            literal,
            None if name is None else name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else ""),
        )
        for literal, name, spec, conversion in string.Formatter().parse(text)
    ]


def _time(key: str, text: str) -> str | int:
    if milliseconds(int(text) if text.isdecimal() else text) is None:
        raise ValueError(f"{key} is no time: expected ISO 8601 or milliseconds since 1970")
    return int(text) if text.isdecimal() else text


def _number(name: str, text: str) -> int | float:
    try:
        number = int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"properties.{name} is no number")
    if isinstance(number, int) and not -(2**63) <= number < 2**64:
        raise ValueError(f"properties.{name} is a whole number beyond 64 bits")
    return number
