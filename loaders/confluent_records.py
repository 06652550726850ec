"""What confluent-kafka hands out, as columns, without a Python step per record."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby, repeat
from operator import itemgetter

from confluent_kafka import Message

from loaders.records import Header, Partition, Records

Reread = Callable[[Partition, int], Sequence[Header]]
"""Reads the headers of the record at an offset in another way."""


def by_partition(messages: Sequence[Message]) -> dict[Partition, list[Message]]:
    """Messages come in long runs of one partition."""
    found: dict[Partition, list[Message]] = defaultdict(list)
    for number, run in groupby(messages, key=Message.partition):
        for topic, same in groupby(run, key=Message.topic):
            found[Partition(topic, number)].extend(same)  # type: ignore[arg-type]
    return found


def columns(partition: Partition, messages: Sequence[Message], *, reread: Reread) -> Records:
    """The messages of one partition, none of which is an event."""
    offsets: list[int] = list(map(Message.offset, messages))  # type: ignore[arg-type]
    values: list[bytes] = list(map(Message.value, messages))  # type: ignore[arg-type]
    try:
        size = sum(map(len, values))
    except TypeError:
        # A record without a value (a tombstone) has no bytes; the check calls it unusable.
        values = [value or b"" for value in values]
        size = sum(map(len, values))
    return Records(
        offsets,
        list(map(itemgetter(1), map(Message.timestamp, messages))),
        list(map(Message.key, messages)),
        values,
        _headers(partition, messages, reread),
        size,
        offsets[-1] + 1,
    )


def _headers(partition: Partition, messages: Sequence[Message], reread: Reread) -> Sequence[Sequence[Header]]:
    headers: list[Sequence[Header] | None] = []
    waiting = iter(messages)
    while len(headers) < len(messages):
        try:
            headers.extend(map(Message.headers, waiting))  # type: ignore[arg-type]
        except (SystemError, UnicodeDecodeError):
            # A name that is not UTF-8, which the library cannot hand out; to ask it twice ends the process. What came
            # before it is kept, what comes after is still waiting.
            headers.append(reread(partition, messages[len(headers)].offset()))  # type: ignore[arg-type]
    if any(headers):
        return [each or () for each in headers]
    return tuple(repeat((), len(messages)))
