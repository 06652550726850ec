"""`raw.load_passed`: how far reading came past the last record of a partition without being handed another.

What Kafka keeps to itself leaves no row. Once retention has removed it, this tells that no record went with it.
"""

from collections.abc import Mapping, Sequence

from loaders.claims import quoted
from loaders.records import Partition, Range
from loaders.warehouse import Warehouse


def record(warehouse: Warehouse, passed: Sequence[Range]) -> None:
    """Write what was passed. Writing it twice leaves it once."""
    if not passed:
        return
    values = ", ".join(
        f"({quoted(span.partition.topic)}, {span.generation}, {span.partition.number}, {span.first}, {span.last + 1})"
        for span in passed
    )
    warehouse.execute(
        f"insert into {warehouse.database}.load_passed (topic, generation, partition, first, next) values {values}"
    )


def passed_from(
    warehouse: Warehouse, generation: Mapping[str, int], wanted: Mapping[Partition, int]
) -> dict[Partition, int]:
    """The offset up to which there was no record from the wanted one on, of each partition of which that is known."""
    if not wanted:
        return {}
    places = ", ".join(
        f"({quoted(partition.topic)}, {generation[partition.topic]}, {partition.number}, {first})"
        for partition, first in wanted.items()
    )
    rows = warehouse.rows(
        f"select topic, partition, max(next) from {warehouse.database}.load_passed"
        f" where (topic, generation, partition, first) in ({places}) group by topic, partition"
    )
    return {Partition(topic, number): following for topic, number, following in rows}
