"""`audit`: proof that what Kafka handed out stands in raw, each record once, and that the sideline's books hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.clients import open_source
from loaders.ledger import Books, Rows, findings
from loaders.positions import Log, generations
from loaders.ranges import stretches
from loaders.records import Partition
from loaders.run import wanted_topics
from loaders.schema import opened
from loaders.settings import Settings
from loaders.source import Source
from loaders.streams import Stream
from loaders.warehouse import Warehouse

Key = tuple[Partition, int]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The books of every partition, and what is wrong with them."""

    books: tuple[Books, ...]
    findings: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.findings


def audit(settings: Settings) -> AuditReport:
    """Compare Kafka's end offsets, the rows and the ranges of every partition.

    Meant for a loader at rest: what is on its way while this looks shows as a difference.
    """
    with opened(settings) as warehouse:
        source = open_source(settings, group=None)
        try:
            streams = wanted_topics(settings, source)
            books = tuple(_books(warehouse, source, streams))
        finally:
            source.close()
        wrong = [finding for each in books for finding in findings(each)]
        return AuditReport(books, (*wrong, *_sideline_findings(warehouse)))


def _books(warehouse: Warehouse, source: Source, streams: dict[str, Stream]) -> Iterator[Books]:
    partitions = source.partitions(streams)
    current, logs = generations(warehouse, sorted(streams)), source.logs(partitions)
    rows, entries = _rows(warehouse), stretches(warehouse)
    present: set[Key] = {(partition, current[partition.topic]) for partition in partitions}
    for key in sorted(present | rows.keys() | entries.keys()):
        partition, generation = key
        landed = rows.get(key, Rows())
        log = logs.get(partition) if key in present else None
        waiting = _waiting(source, partition, landed, log) if log else 0
        yield Books(partition, generation, landed, tuple(entries.get(key, ())), log, waiting)


def _waiting(source: Source, partition: Partition, rows: Rows, log: Log) -> int:
    """How many records Kafka hands out past the last landed one. Offsets alone do not tell: some are its own."""
    start = max(rows.highest + 1, log.begin)
    if start >= log.end:
        return 0
    source.assign({partition: start})
    count = 0
    while source.position(partition) < log.end:
        count += sum(offset < log.end for offset in _offsets(source, partition))
    return count


def _offsets(source: Source, partition: Partition) -> list[int]:
    polled = source.poll(0.5).get(partition)
    return list(polled.offsets) if polled else []


def _rows(warehouse: Warehouse) -> dict[Key, Rows]:
    found: dict[Key, Rows] = {}
    for stream in Stream:
        # A bitmap counts the different ones as exactly as `uniqExact`, in a bit each.
        for topic, generation, number, *counts in warehouse.rows(
            "select topic, generation, partition, count(), groupBitmap(toUInt64(offset)), max(offset),"
            f" countIf(error_class = ''), countIf(error_class != '') from {warehouse.database}.{stream}"
            " where lane = 'live' group by topic, generation, partition"
        ):
            found[(Partition(topic, number), generation)] = Rows(*counts)
    return found


def _sideline_findings(warehouse: Warehouse) -> Iterator[str]:
    database = warehouse.database
    for stream in Stream:
        [[replays, distinct, orphans]] = warehouse.rows(
            "select count(), uniqExact(topic, generation, partition, offset),"
            " countIf((topic, generation, partition, offset) not in (select topic, generation, partition, offset"
            f" from {database}.{stream} where lane = 'live' and error_class != '')) from {database}.{stream}"
            " where lane = 'replay'"
        )
        [[sidelined, replayed]] = warehouse.rows(
            f"select count(), countIf(state = 'replayed') from {database}.sideline where stream = '{stream}'"
        )
        [[unusable]] = warehouse.rows(
            f"select count() from {database}.{stream} where lane = 'live' and error_class != ''"
        )
        if replays != distinct:
            yield f"{stream}: {replays - distinct} replayed records stand twice"
        if orphans:
            yield f"{stream}: {orphans} replayed records were never sidelined"
        if sidelined != unusable:
            yield f"{stream}: {unusable} unusable rows, but {sidelined} in the sideline"
        if replayed != distinct:
            yield f"{stream}: {replayed} records are marked as replayed, but {distinct} are landed by a replay"
