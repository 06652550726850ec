"""Landing sidelined records again, in lane `replay`, with the coordinates they came with and a number of their own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from loaders import fixes
from loaders.check import CHECK_VERSION, with_clause
from loaders.claims import Claims, quoted
from loaders.failpoints import failpoint
from loaders.landing import COLUMNS
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

    def path(self) -> str:
        return f"{self.partition.topic}/{self.generation}/{self.partition.number}/{self.offset}"

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
    """Tries records again. Nothing else lands in lane `replay`."""

    warehouse: Warehouse
    max_bytes: int
    fix: str = ""
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
            replayed += self._land(page)
            died += self._log_refused(page)
        return RetrySummary(len(pending), replayed, len(pending) - replayed, died)

    def _land(self, page: Sequence[Pending]) -> int:
        stream, before = page[0].stream, self._count_landed(page)
        statement = (
            f"insert into {self.warehouse.database}.{stream} ({COLUMNS})\n"
            f"{with_clause(stream, max_bytes=self.max_bytes)}\n"
            "select topic, generation, partition, offset, key, kafka_timestamp, headers, payload, '', '',"
            f" {CHECK_VERSION}, 'replay', {self._highest_seq()} + 1 + rowNumberInAllBlocks(), {quoted(self.fix)},"
            " now64(3)\n"
            f"from ({self._source(page)})\n"
            f"where verdict = 1 and {self.claims.fence([REPLAY_LANE])}\n"
            "settings short_circuit_function_evaluation = 'disable', max_threads = 1, max_query_size = 100000000"
        )
        self._inserts += 1
        self.warehouse.execute(statement, query_id=self.claims.query_id(self._inserts))
        failpoint("after_replay")
        return self._count_landed(page) - before

    def _log_refused(self, page: Sequence[Pending]) -> int:
        """Keep the attempts that failed. Returns how many records died of it."""
        database, stream = self.warehouse.database, page[0].stream
        log = (
            f"insert into {database}.sideline_log"
            " (topic, generation, partition, offset, action, error_class, check_version, reason)"
        )
        self.warehouse.execute(
            f"{log} {with_clause(stream, max_bytes=self.max_bytes)}\n"
            f"select topic, generation, partition, offset, '{'fix' if self.fix else 'retry'}', error_classes[verdict],"
            f" {CHECK_VERSION}, error_reasons[verdict] from ({self._source(page)})"
            " settings short_circuit_function_evaluation = 'disable', max_query_size = 100000000"
        )
        last = [item.coordinates for item in page if item.attempts + 1 >= MAX_ATTEMPTS]
        if not last:
            return 0
        dying = (
            f"from {database}.sideline where state = 'pending' and attempts >= {MAX_ATTEMPTS}"
            f" and (topic, generation, partition, offset) in ({_tuples(last)}) settings max_query_size = 100000000"
        )
        [[died]] = self.warehouse.rows(f"select count() {dying}")
        self.warehouse.execute(
            f"{log} select topic, generation, partition, offset, 'die', error_class, {CHECK_VERSION},"
            f" 'refused {MAX_ATTEMPTS} times' {dying}"
        )
        return int(died)

    def _source(self, page: Sequence[Pending]) -> str:
        """The page's live rows that no replay has landed yet, with the payload that is to be judged."""
        database, stream = self.warehouse.database, page[0].stream
        here = f"(topic, generation, partition, offset) in ({_tuples(item.coordinates for item in page)})"
        payload = self._fixed(page) if self.fix else "payload"
        return (
            "select topic, generation, partition, offset, key, kafka_timestamp, headers,"
            f" {payload} as payload, toUnixTimestamp64Milli(kafka_timestamp) as kafka_ms"
            f" from {database}.{stream} where lane = 'live' and error_class != '' and {here}"
            f" and (topic, generation, partition, offset) not in (select topic, generation, partition, offset"
            f" from {database}.{stream} where lane = 'replay' and {here}) order by topic, generation, partition, offset"
        )

    def _fixed(self, page: Sequence[Pending]) -> str:
        """The payload after the fix, as an expression; as it is where the fix has nothing to say."""
        fix = fixes.find(self.fix)
        database, stream = self.warehouse.database, page[0].stream
        rows = self.warehouse.rows(
            f"select topic, generation, partition, offset, hex(payload) from {database}.{stream} where lane = 'live'"
            f" and (topic, generation, partition, offset) in ({_tuples(item.coordinates for item in page)})"
            " settings max_query_size = 100000000"
        )
        fixed = {
            Coordinates(Partition(topic, number), generation, offset): fix(bytes.fromhex(payload))
            for topic, generation, number, offset, payload in rows
        }
        changed = {place: payload for place, payload in fixed.items() if payload is not None}
        if not changed:
            return "payload"
        places = ", ".join(quoted(place.path()) for place in changed)
        values = ", ".join(f"unhex('{payload.hex()}')" for payload in changed.values())
        place = "concatWithSeparator('/', topic, generation, partition, offset)"
        return f"transform({place}, [{places}], [{values}], payload)"

    def _count_landed(self, page: Sequence[Pending]) -> int:
        [[count]] = self.warehouse.rows(
            f"select count() from {self.warehouse.database}.{page[0].stream} where lane = 'replay'"
            f" and (topic, generation, partition, offset) in ({_tuples(item.coordinates for item in page)})"
            " settings max_query_size = 100000000"
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


def _tuples(coordinates: Iterable[Coordinates]) -> str:
    return ", ".join(place.sql() for place in coordinates)
