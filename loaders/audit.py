"""`audit`: proof that what Kafka handed out stands in raw, each record once, and that the sideline's books hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from loaders.clients import open_source
from loaders.landing import in_range
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

    Beside a loader at work it also finds what is on its way: `Books.settled` is without that.
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
    # Rows land before their range is written: what the ranges tell now stands in the table when it is asked next.
    entries = stretches(warehouse)
    rows = _rows(warehouse)
    present: set[Key] = {(partition, current[partition.topic]) for partition in partitions}
    for key in sorted(present | rows.keys() | entries.keys()):
        partition, generation = key
        landed = rows.get(key, Rows())
        log = logs.get(partition) if key in present else None
        waiting = _waiting(source, partition, landed, log) if log else 0
        books = Books(partition, generation, landed, tuple(entries.get(key, ())), log, waiting)
        yield _up_to_the_last_range(warehouse, streams[partition.topic], books) if log else books


def _up_to_the_last_range(warehouse: Warehouse, stream: Stream, books: Books) -> Books:
    """The books with the rows past the last range apart.

    A partition's batches land in the order of their offsets: what has landed since its rows were counted lies higher.
    """
    end, rows = books.covered[-1].last if books.covered else -1, books.rows
    if rows.highest <= end:
        return books
    [[past, usable, sidelined]] = warehouse.rows(
        f"select uniqExact(offset), countIf(error_class = ''), countIf(error_class != '')"
        f" from {warehouse.database}.{stream} where lane = 'live'"
        f" and {in_range(books.partition, books.generation, end + 1, rows.highest)}"
    )
    # A row that stands twice is found wherever it stands: copies are left in the count.
    rows = replace(
        rows,
        count=rows.count - past,
        distinct=rows.distinct - past,
        usable=rows.usable - usable,
        sidelined=rows.sidelined - sidelined,
    )
    return replace(books, rows=rows, unranged=past)


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
        before = _unusable(warehouse, stream)
        [[sidelined, replayed]] = warehouse.rows(
            f"select count(), countIf(state = 'replayed') from {database}.sideline where stream = '{stream}'"
        )
        after = _unusable(warehouse, stream)
        if replays != distinct:
            yield f"{stream}: {replays - distinct} replayed records stand twice"
        if orphans:
            yield f"{stream}: {orphans} replayed records were never sidelined"
        # They become more while a loader is at work, and never fewer.
        if not before <= sidelined <= after:
            yield f"{stream}: {after} unusable rows, but {sidelined} in the sideline"
        if replayed != distinct:
            yield f"{stream}: {replayed} records are marked as replayed, but {distinct} are landed by a replay"


def _unusable(warehouse: Warehouse, stream: Stream) -> int:
    [[count]] = warehouse.rows(
        f"select count() from {warehouse.database}.{stream} where lane = 'live' and error_class != ''"
    )
    return int(count)
