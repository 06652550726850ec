"""`raw.load_ranges`: which offsets each batch covered."""

from collections.abc import Mapping, Sequence

from loaders.claims import quoted
from loaders.errors import PositionLostError
from loaders.landing import Landed
from loaders.records import Partition
from loaders.streams import Stream
from loaders.warehouse import Warehouse

COLUMNS = "topic, generation, partition, first, last, kind, usable, sidelined, gaps, stream"


def record(warehouse: Warehouse, stream: Stream, landed: Sequence[Landed]) -> None:
    """Write the ranges of a landed batch. Writing them twice leaves them once."""
    values = ", ".join(
        f"({quoted(span.partition.topic)}, {span.generation}, {span.partition.number}, {span.first}, {span.last},"
        f" 'landed', {span.rows - unusable}, {unusable}, {span.gaps}, '{stream}')"
        for span, unusable in ((done.range, len(done.unusable)) for done in landed)
    )
    warehouse.execute(f"insert into {warehouse.database}.load_ranges ({COLUMNS}) values {values}")


def repair(
    warehouse: Warehouse,
    stream: Stream,
    generation: int,
    highest: Mapping[Partition, int],
    begins: Mapping[Partition, int],
) -> int:
    """Write the range of what landed after the last range of each partition: its loader died in between.

    Returns how many it wrote. A batch is one insert, so what is missing is one range per partition at most.
    """
    repaired = 0
    for partition, last in highest.items():
        where = f"topic = {quoted(partition.topic)} and generation = {generation} and partition = {partition.number}"
        covered = warehouse.rows(f"select max(last), count() from {warehouse.database}.load_ranges where {where}")[0]
        first = covered[0] + 1 if covered[1] else None
        if first is not None and first > last:
            continue
        known = f" and offset >= {first}" if first is not None else ""
        rows = warehouse.rows(
            f"select min(offset), countIf(error_class = ''), countIf(error_class != '') from"
            f" {warehouse.database}.{stream} where {where} and lane = 'live'{known}"
        )[0]
        start = first if first is not None else min(rows[0], begins.get(partition, rows[0]))
        gaps = last - start + 1 - rows[1] - rows[2]
        warehouse.execute(
            f"insert into {warehouse.database}.load_ranges ({COLUMNS}) values ({quoted(partition.topic)}, {generation},"
            f" {partition.number}, {start}, {last}, 'repaired', {rows[1]}, {rows[2]}, {gaps}, '{stream}')"
        )
        repaired += 1
    return repaired


def record_stuck(
    warehouse: Warehouse, stream: Stream, generation: int, partition: Partition, error: PositionLostError
) -> None:
    """Write what keeps a partition from going on. Writing it twice leaves it once."""
    warehouse.execute(
        f"insert into {warehouse.database}.load_ranges ({COLUMNS}) values ({quoted(partition.topic)}, {generation},"
        f" {partition.number}, {error.first}, {error.last}, '{error.kind}', 0, 0, 0, '{stream}')"
    )
