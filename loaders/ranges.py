"""`raw.load_ranges`: which offsets each batch covered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from loaders.claims import quoted
from loaders.errors import PositionLostError
from loaders.landing import Landed
from loaders.ledger import Entry
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


def stretches(warehouse: Warehouse) -> dict[tuple[Partition, int], list[Entry]]:
    """The ranges of each partition and generation in their order, those that go on from one another in one.

    A year of batches has a hundred million of them. What may be wrong, and its neighbours, stays as it was written.
    """
    ranges = f"{warehouse.database}.load_ranges"
    found: dict[tuple[Partition, int], list[Entry]] = defaultdict(list)
    for topic, generation, number, *entry in warehouse.rows(f"""
        select topic, generation, partition, min(first), max(last), any(kind), sum(usable), sum(sidelined), sum(gaps)
        from (
            select *, sum(stands_alone) over (places rows between unbounded preceding and current row) as stretch
            from (
                select
                    *,
                    not (
                        is_plain and lagInFrame(is_plain) over before and first = lagInFrame(last) over before + 1
                    ) as stands_alone
                from (
                    select
                        topic, generation, partition, first, last, kind, usable, sidelined, gaps,
                        kind = 'landed' and last - first + 1 = usable + sidelined + gaps
                        and (topic, generation, partition, last) not in (
                            select topic, generation, partition, last from {ranges} where kind != 'landed'
                        ) as is_plain
                    from {ranges} final
                )
                window before as (
                    partition by topic, generation, partition order by first, last, kind
                    rows between 1 preceding and current row
                )
            )
            window places as (partition by topic, generation, partition order by first, last, kind)
        )
        group by topic, generation, partition, stretch
        order by topic, generation, partition, min(first), max(last)
    """):
        found[(Partition(topic, number), generation)].append(Entry(*entry))
    return found
