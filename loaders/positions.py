"""Where a partition's reading goes on: past the highest offset that stands in the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loaders.claims import quoted
from loaders.errors import PositionLostError
from loaders.records import Partition
from loaders.streams import Stream
from loaders.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Log:
    """What Kafka has of a partition: offsets from `begin` up to, not including, `end`."""

    begin: int
    end: int


def generations(warehouse: Warehouse, topics: Sequence[str]) -> dict[str, int]:
    """The present generation of each topic: 0 unless someone made a new one."""
    found = dict.fromkeys(topics, 0)
    if topics:
        names = ", ".join(map(quoted, topics))
        rows = warehouse.rows(
            f"select topic, max(generation) from {warehouse.database}.topic_generations"
            f" where topic in ({names}) group by topic"
        )
        found.update(dict(rows))
    return found


def highest_landed(
    warehouse: Warehouse, streams: Mapping[str, Stream], generation: Mapping[str, int], partitions: Sequence[Partition]
) -> dict[Partition, int]:
    """The highest live offset of each partition that has any.

    One look at the end of each partition's stretch of the primary key, however long the table is.
    """
    queries = [
        f"(select {quoted(partition.topic)}, {partition.number}, offset from"
        f" {warehouse.database}.{streams[partition.topic]} where topic = {quoted(partition.topic)}"
        f" and generation = {generation[partition.topic]} and partition = {partition.number} and lane = 'live'"
        " order by topic desc, generation desc, partition desc, offset desc limit 1)"
        for partition in partitions
    ]
    if not queries:
        return {}
    rows = warehouse.rows(" union all ".join(queries))
    return {Partition(topic, number): offset for topic, number, offset in rows}


def next_offset(partition: Partition, highest: int | None, log: Log, *, passed: int = 0) -> int:
    """The offset to read next. Raises `PositionLostError` where Kafka cannot go on from there.

    A partition never read before starts at the first record that Kafka still has. Below `passed` there is no record
    past the highest landed one.
    """
    if highest is None:
        return log.begin
    wanted = highest + 1
    goes_on = f"`throughline topics new-generation {partition.topic}`"
    if wanted > log.end:
        raise PositionLostError(
            f"{partition}: offsets up to {highest} are landed but Kafka ends at {log.end}: the topic was deleted and "
            f"made again; go on with {goes_on}",
            kind="recreated",
            first=log.end,
            last=highest,
        )
    first = max(wanted, passed)
    if first < log.begin:
        raise PositionLostError(
            f"{partition}: offsets {first}..{log.begin - 1} left Kafka by retention before they were landed; "
            f"go on without them with {goes_on}",
            kind="lost",
            first=first,
            last=log.begin - 1,
        )
    return max(wanted, log.begin)
