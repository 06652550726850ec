"""`raw.breaker_log`: the topics that the breaker stopped, until a person lets them go on."""

from collections.abc import Collection, Mapping

from loaders.claims import quoted
from loaders.errors import BreakerTrippedError
from loaders.records import Partition, Range
from loaders.warehouse import Warehouse

COLUMNS = "topic, generation, partition, offset, action, reason"


def record_stop(warehouse: Warehouse, span: Range, error: BreakerTrippedError) -> None:
    """Stop the topic for every loader, those that begin later too. Doing it twice does no harm."""
    warehouse.execute(
        f"insert into {warehouse.database}.breaker_log ({COLUMNS}) values ({quoted(span.partition.topic)},"
        f" {span.generation}, {span.partition.number}, {span.last}, 'stop', {quoted(str(error))})"
    )


def record_resume(warehouse: Warehouse, generation: int, ends: Mapping[Partition, int], *, reason: str) -> None:
    """Let the topic of these partitions go on, unwatched before these offsets."""
    values = ", ".join(
        f"({quoted(partition.topic)}, {generation}, {partition.number}, {end}, 'resume', {quoted(reason)})"
        for partition, end in ends.items()
    )
    warehouse.execute(f"insert into {warehouse.database}.breaker_log ({COLUMNS}) values {values}")


def stopped(warehouse: Warehouse, topics: Collection[str]) -> list[str]:
    """What the breaker said of those of the topics that are stopped."""
    names = ", ".join(map(quoted, topics))
    rows = warehouse.rows(
        f"select argMax(reason, at) from {warehouse.database}.breaker_log where topic in ({names})"
        " group by topic having argMax(action, at) = 'stop' order by topic"
    )
    return [reason for (reason,) in rows]


def watched_from(warehouse: Warehouse, generation: Mapping[str, int]) -> dict[Partition, int]:
    """From which offset on the breaker watches a partition, where a person has let it go on."""
    pairs = ", ".join(f"({quoted(topic)}, {number})" for topic, number in generation.items())
    rows = warehouse.rows(
        f"select topic, partition, max(offset) from {warehouse.database}.breaker_log"
        f" where action = 'resume' and (topic, generation) in ({pairs}) group by topic, partition"
    )
    return {Partition(topic, number): offset for topic, number, offset in rows}
