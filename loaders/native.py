"""A batch as one block of ClickHouse's Native format.

Written by hand since it is little and the payload, which is nearly all of it, goes from Kafka's bytes to the wire
without being held a second time. https://clickhouse.com/docs/interfaces/formats/Native
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from loaders.batch import Batch
from loaders.records import Records

# So many parts are joined to be sent at once.
JOINED_PARTS = 2_048

STRUCTURE = (
    ("run", "UInt16"),
    ("offset", "Int64"),
    ("key", "Nullable(String)"),
    ("kafka_ms", "Int64"),
    ("headers", "Array(Tuple(name String, value Nullable(String)))"),
    ("payload", "String"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """The bytes of a block, in the parts that they are made of. May be gone through more than once."""

    parts: list[bytes]

    def __len__(self) -> int:
        """How many bytes it has."""
        return sum(map(len, self.parts))

    def __iter__(self) -> Iterator[bytes]:
        """Its bytes in order, many parts at once."""
        for start in range(0, len(self.parts), JOINED_PARTS):
            yield b"".join(self.parts[start : start + JOINED_PARTS])


def encode(batch: Batch) -> Block:
    """The block of a batch: the columns of `STRUCTURE`; `run` is the 1-based number of the row's run in the batch."""
    parts = [part for run in batch.runs for part in run.parts]
    columns: tuple[Sequence[bytes], ...] = (
        [_numbers("H", [number]) * run.rows for number, run in enumerate(batch.runs, start=1)],
        [_numbers("q", part.offsets) for part in parts],
        _nullable_strings(list(chain.from_iterable(part.keys for part in parts))),
        [_numbers("q", part.timestamps) for part in parts],
        _headers(parts),
        _strings(list(chain.from_iterable(part.values for part in parts))),
    )
    block = [_varint(len(STRUCTURE)), _varint(batch.rows)]
    for (name, kind), column in zip(STRUCTURE, columns, strict=True):
        block += [string(name.encode()), string(kind.encode()), *column]
    return Block(block)


def _numbers(kind: str, numbers: Iterable[int]) -> bytes:
    # Native is little-endian, as is every machine that ClickHouse runs on.
    return array(kind, numbers).tobytes()


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append((number & 0x7F) | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


_VARINTS = [_varint(number) for number in range(1 << 14)]


def string(value: bytes) -> bytes:
    """A text as Native and RowBinary have it."""
    return _varint(len(value)) + value


def _strings(values: Sequence[bytes]) -> list[bytes]:
    column: list[bytes] = [b""] * (2 * len(values))
    try:
        column[0::2] = map(_VARINTS.__getitem__, map(len, values))
    except IndexError:
        column[0::2] = map(_varint, map(len, values))
    column[1::2] = values
    return column


def _nullable_strings(values: Sequence[bytes | None]) -> list[bytes]:
    nulls = values.count(None)
    if nulls == len(values):
        return [b"\1" * nulls, bytes(nulls)]
    if nulls == 0:
        return [bytes(len(values)), *_strings(values)]  # type: ignore[arg-type]
    return [bytes(value is None for value in values), *_strings([value or b"" for value in values])]


def _headers(parts: Sequence[Records]) -> list[bytes]:
    if not any(any(part.headers) for part in parts):
        return [bytes(8 * sum(len(part.headers) for part in parts))]
    rows = [headers for part in parts for headers in part.headers]
    flat = [header for row in rows for header in row]
    return [
        _numbers("Q", accumulate(map(len, rows))),
        *_strings([name.encode() for name, _ in flat]),
        *_nullable_strings([value for _, value in flat]),
    ]
