"""Lets kafka-python read records with a header whose name is not UTF-8.

The library decodes names strictly, inside the batch: one such name would keep its partition from ever going on.
It has no switch for that, so its iteration over a batch is wrapped, once per process. Batches without such a name are
read as before; one that has one is read on from that record with names that keep their bytes. To be dropped when the
library decodes names leniently or lets us do it.
"""

from collections.abc import Iterator
from typing import Any

from kafka.errors import CorruptRecordError
from kafka.record.default_records import DefaultRecordBatch

from loaders.header_names import LenientBuffer

_plain_iter = DefaultRecordBatch.__iter__


def allow_any_header_name() -> None:
    """From here on, in this process. May be called again."""
    DefaultRecordBatch.__iter__ = _records


def _records(batch: Any) -> Iterator[Any]:
    _plain_iter(batch)
    # Nothing is equal to the sentinel: the batch ends by itself.
    try:
        yield from iter(batch.__next__, object())
    except CorruptRecordError as error:
        if not isinstance(error.__context__, UnicodeDecodeError):
            raise
        # The batch still stands before the record that failed.
        batch._buffer = LenientBuffer(batch._buffer)
        yield from iter(batch.__next__, object())
