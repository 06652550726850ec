"""A batch as one block of ClickHouse's Native format.

Written by hand since it is little and the payload, which is nearly all of it, goes from Kafka's bytes to the wire in
one join. https://clickhouse.com/docs/interfaces/formats/Native
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain

from loaders.batch import Batch
from loaders.records import Header

STRUCTURE = (
    ("run", "UInt16"),
    ("offset", "Int64"),
    ("key", "Nullable(String)"),
    ("kafka_ms", "Int64"),
    ("headers", "Array(Tuple(name String, value Nullable(String)))"),
    ("payload", "String"),
)


def encode(batch: Batch) -> bytes:
    """The block of a batch: the columns of `STRUCTURE`; `run` is the 1-based number of the row's run in the batch."""
    parts = [part for run in batch.runs for part in run.parts]
    columns = (
        _numbers("H", chain.from_iterable([number] * run.rows for number, run in enumerate(batch.runs, start=1))),
        _numbers("q", chain.from_iterable(part.offsets for part in parts)),
        _nullable_strings([key for part in parts for key in part.keys]),
        _numbers("q", chain.from_iterable(part.timestamps for part in parts)),
        _headers([headers for part in parts for headers in part.headers]),
        _strings([value for part in parts for value in part.values]),
    )
    block = [_varint(len(STRUCTURE)), _varint(batch.rows)]
    for (name, kind), column in zip(STRUCTURE, columns, strict=True):
        block += [_string(name.encode()), _string(kind.encode()), *column]
    return b"".join(block)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append((number & 0x7F) | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


_VARINTS = [_varint(number) for number in range(1 << 14)]


def _string(value: bytes) -> bytes:
    return _varint(len(value)) + value


def _numbers(code: str, values: Iterable[int]) -> list[bytes]:
    # Native is little-endian, as is every machine that ClickHouse runs on.
    return [array(code, values).tobytes()]


def _strings(values: Sequence[bytes]) -> list[bytes]:
    short = len(_VARINTS)
    column: list[bytes] = [b""] * (2 * len(values))
    column[0::2] = [_VARINTS[size] if size < short else _varint(size) for size in map(len, values)]
    column[1::2] = values
    return column


def _nullable_strings(values: Sequence[bytes | None]) -> list[bytes]:
    nulls = bytes(value is None for value in values)
    return [nulls, *_strings([value or b"" for value in values])]


def _headers(rows: Sequence[Sequence[Header]]) -> list[bytes]:
    if not any(rows):
        return [bytes(8 * len(rows))]
    flat = [header for row in rows for header in row]
    names = [name.encode() for name, _ in flat]
    return [
        *_numbers("Q", accumulate(map(len, rows))),
        *_strings(names),
        *_nullable_strings([value for _, value in flat]),
    ]
