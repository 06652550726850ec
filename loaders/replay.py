"""Landing sidelined records again, in lane `replay`, with the coordinates they came with and a number of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from struct import pack

from clickhouse_connect.driver.external import ExternalData

from loaders import fixes
from loaders.check import CHECK_VERSION, with_clause
from loaders.claims import Claims, quoted
from loaders.failpoints import failpoint
from loaders.landing import COLUMNS
from loaders.native import string
from loaders.records import Partition
from loaders.streams import Stream
from loaders.warehouse import Warehouse

# There is one writer of replays at a time: this is what it claims. No topic is read that begins with two underscores.
REPLAY_LANE = Partition("__replay", 0)
MAX_ATTEMPTS = 5
PAGE_ROWS = 1000
PAGE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RetrySummary:
    """What a retry did: tried = replayed + refused; some of the refused ones died of their last attempt."""

    tried: int = 0
    replayed: int = 0
    refused: int = 0
    died: int = 0


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a record stood in Kafka."""

    partition: Partition
    generation: int
    offset: int

    def sql(self) -> str:
        return f"({quoted(self.partition.topic)}, {self.generation}, {self.partition.number}, {self.offset})"


@dataclass(frozen=True, slots=True)
class Pending:
    """A sidelined record that may be tried."""

    stream: Stream
    coordinates: Coordinates
    size: int
    attempts: int


@dataclass(slots=True)
class Replayer:
    """Tries records again. Nothing else lands in lane `replay`. Where it `does_count`, a record may die of it."""

    warehouse: Warehouse
    max_bytes: int
    fix: str = ""
    does_count: bool = False
    claims: Claims = field(init=False)
    _inserts: int = 0

    def __post_init__(self) -> None:
        self.claims = Claims(self.warehouse.database)

    def replay(self, pending: Sequence[Pending]) -> RetrySummary:
        """Try each record once. Raises `FencedError` where another retry took over."""
        if not pending:
            return RetrySummary()
        self.claims.take(self.warehouse, [REPLAY_LANE])
        replayed = died = 0
        for page in pages(pending):
            mended = self._mended(page) if self.fix else None
            replayed += self._land(page, mended)
            died += self._log_refused(page, mended)
        return RetrySummary(len(pending), replayed, len(pending) - replayed, died)

    def _land(self, page: Sequence[Pending], mended: ExternalData | None) -> int:
        stream, before = page[0].stream, self._count_landed(page)
        statement = (
            f"insert into {self.warehouse.database}.{stream} ({COLUMNS})\n"
            f"{with_clause(stream, max_bytes=self.max_bytes)}\n"
            "select topic, generation, partition, offset, key, kafka_timestamp, headers, payload, '', '',"
            f" {CHECK_VERSION}, 'replay', {self._highest_seq()} + 1 + rowNumberInAllBlocks(), {quoted(self.fix)},"
            " now64(3)\n"
            f"from ({self._source(page)})\n"
            f"where verdict = 1 and {self.claims.fence([REPLAY_LANE])}\n"
            "settings short_circuit_function_evaluation = 'disable', max_threads = 1"
        )
        self._inserts += 1
        self.warehouse.execute(statement, query_id=self.claims.query_id(self._inserts), data=mended)
        failpoint("after_replay")
        return self._count_landed(page) - before

    def _log_refused(self, page: Sequence[Pending], mended: ExternalData | None) -> int:
        """Keep the attempts that failed. Returns how many records died of it."""
        database, stream = self.warehouse.database, page[0].stream
        action = "fix" if self.fix else "retry" if self.does_count else "retry_now"
        log = (
            f"insert into {database}.sideline_log"
            " (topic, generation, partition, offset, action, error_class, check_version, reason)"
        )
        self.warehouse.execute(
            f"{log} {with_clause(stream, max_bytes=self.max_bytes)}\n"
            f"select topic, generation, partition, offset, '{action}', error_classes[verdict],"
            f" {CHECK_VERSION}, error_reasons[verdict] from ({self._source(page)})"
            " settings short_circuit_function_evaluation = 'disable'",
            data=mended,
        )
        last = [item for item in page if item.attempts + 1 >= MAX_ATTEMPTS]
        if not last or not self.does_count:
            return 0
        dying = (
            f"from {database}.sideline where state = 'pending' and attempts >= {MAX_ATTEMPTS}"
            f" and (topic, generation, partition, offset) in ({_tuples(last)})"
        )
        [[died]] = self.warehouse.rows(f"select count() {dying}")
        self.warehouse.execute(
            f"{log} select topic, generation, partition, offset, 'die', error_class, {CHECK_VERSION},"
            f" 'refused {MAX_ATTEMPTS} times' {dying}"
        )
        return int(died)

    def _source(self, page: Sequence[Pending]) -> str:
        """The page's live rows that no replay has landed yet, with the payload that is to be judged.

        With a fix that payload stands in the table `mended`, which has to be sent along.
        """
        database, stream = self.warehouse.database, page[0].stream
        places = "select topic, generation, partition, offset from mended" if self.fix else _tuples(page)
        here = f"(topic, generation, partition, offset) in ({places})"
        return (
            "select topic, generation, partition, offset, key, kafka_timestamp, headers,"
            f" {'mended.payload' if self.fix else 'payload'} as payload,"
            " toUnixTimestamp64Milli(kafka_timestamp) as kafka_ms"
            f" from {database}.{stream}"
            f"{' inner join mended using (topic, generation, partition, offset)' if self.fix else ''}"
            f" where lane = 'live' and error_class != '' and {here}"
            f" and (topic, generation, partition, offset) not in (select topic, generation, partition, offset"
            f" from {database}.{stream} where lane = 'replay' and {here}) order by topic, generation, partition, offset"
        )

    def _mended(self, page: Sequence[Pending]) -> ExternalData:
        """The page's payloads after the fix, each as it is where the fix has nothing to say.

        As data, since ClickHouse folds a page of literals in gigabytes of memory.
        """
        fix, rows = fixes.find(self.fix), bytearray()
        for topic, generation, number, offset, payload in self.warehouse.rows(
            "select topic, generation, partition, offset, hex(payload)"
            f" from {self.warehouse.database}.{page[0].stream} where lane = 'live'"
            f" and (topic, generation, partition, offset) in ({_tuples(page)})"
        ):
            original = bytes.fromhex(payload)
            fixed = fix(original)
            rows += string(topic.encode()) + pack("<IIq", generation, number, offset)
            rows += string(original if fixed is None else fixed)
        structure = "topic String, generation UInt32, partition UInt32, offset Int64, payload String"
        return ExternalData(file_name="mended", data=bytes(rows), fmt="RowBinary", structure=structure)

    def _count_landed(self, page: Sequence[Pending]) -> int:
        [[count]] = self.warehouse.rows(
            f"select count() from {self.warehouse.database}.{page[0].stream} where lane = 'replay'"
            f" and (topic, generation, partition, offset) in ({_tuples(page)})"
        )
        return int(count)

    def _highest_seq(self) -> int:
        tables = " union all ".join(
            f"select replay_seq from {self.warehouse.database}.{stream} where lane = 'replay'" for stream in Stream
        )
        [[highest]] = self.warehouse.rows(f"select max(replay_seq) from ({tables})")
        return int(highest)


def pages(pending: Sequence[Pending]) -> Iterator[list[Pending]]:
    """Cut records into pages of one stream each that are small enough for one statement."""
    page: list[Pending] = []
    size = 0
    for item in pending:
        is_full = len(page) >= PAGE_ROWS or size + item.size > PAGE_BYTES
        if page and (is_full or page[0].stream is not item.stream):
            yield page
            page, size = [], 0
        page.append(item)
        size += item.size
    if page:
        yield page


def _tuples(page: Sequence[Pending]) -> str:
    return ", ".join(item.coordinates.sql() for item in page)
