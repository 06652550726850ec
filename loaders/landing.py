"""Landing a batch: one INSERT that checks every row, asks for the claim, and lands all rows in one block or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from loaders.batch import Batch
from loaders.check import CHECK_VERSION, with_clause
from loaders.claims import Claims, quoted
from loaders.errors import ThroughlineError, WarehouseUnreachableError
from loaders.failpoints import failpoint
from loaders.native import STRUCTURE, encode
from loaders.records import Partition, Range
from loaders.warehouse import Warehouse

T = TypeVar("T")

COLUMNS = (
    "topic, generation, partition, offset, key, kafka_timestamp, headers, payload, error_class, error_reason, "
    "check_version, lane, replay_seq, fix, loaded_at"
)


class Refusal(NamedTuple):
    """What the check said of an unusable row."""

    offset: int
    error_class: str
    reason: str


@dataclass(frozen=True, slots=True)
class Landed:
    """A range that stands in the table, and what of it is unusable, by rising offset."""

    range: Range
    unusable: tuple[Refusal, ...]


@dataclass(slots=True)
class Lander:
    """Lands batches under the claims of its loader. `wait` is called between attempts, and raises to give up."""

    warehouse: Warehouse
    claims: Claims
    max_bytes: int
    wait: Callable[[ThroughlineError], None]
    inserts: int = 0

    def land(self, batch: Batch) -> list[Landed]:
        """Land a batch exactly once, and say what stands there now.

        After an unknown outcome the table is asked before the batch is sent again, under a new claim. Raises
        `FencedError` where another loader owns one of its partitions by now: then nothing of the batch has landed, or
        all of it before that.
        """
        block = encode(batch)
        failpoint("before_insert")
        while True:
            statement = insert_statement(batch, self.claims, max_bytes=self.max_bytes)
            query_id = self.claims.query_id(self.inserts)
            self.inserts += 1
            try:
                self.warehouse.insert_block(statement, block, query_id=query_id)
                break
            except WarehouseUnreachableError as error:
                self.wait(error)
                if self._has_landed(batch, query_id):
                    break
        failpoint("after_insert")
        return self.retried(lambda: self._landed(batch))

    def _has_landed(self, batch: Batch, query_id: str) -> bool:
        """Whether an insert of unknown outcome landed. It cannot land any more once this has answered.

        Told by the partitions that are still this loader's. The new owner of another may have landed some of its
        records, or found them there; where all have moved on the next attempt is fenced.
        """
        partitions = [span.partition for span in batch.ranges()]

        def ask() -> bool:
            # First: an insert that does not run yet, and so cannot be killed, is fenced by it when it begins.
            self.claims.renew(self.warehouse, partitions)
            if self.warehouse.rows("select 1 from system.processes where query_id = %(id)s", {"id": query_id}):
                self.warehouse.execute("kill query where query_id = %(id)s sync", {"id": query_id})
            counts = self._counts(batch)
            # Asked after the rows: what is still held then, nobody else had landed before.
            held = self.claims.still_held(self.warehouse, partitions)
            spans = [span for span in batch.ranges() if span.partition in held]
            landed, rows = sum(counts.get(span.partition, 0) for span in spans), sum(span.rows for span in spans)
            if landed not in (0, rows):
                raise ThroughlineError(
                    f"{batch.stream}: {landed} of the {rows} rows of one insert stand in the table; "
                    "run `throughline audit` and report this"
                )
            return bool(landed)

        return self.retried(ask)

    def _counts(self, batch: Batch) -> dict[Partition, int]:
        return {
            Partition(topic, number): count
            for topic, number, count in self.warehouse.rows(
                f"select topic, partition, count() from {self.warehouse.database}.{batch.stream}"
                f" where lane = 'live' and ({_in_ranges(batch.ranges())}) group by topic, partition"
            )
        }

    def _landed(self, batch: Batch) -> list[Landed]:
        refusals: dict[Partition, list[Refusal]] = {span.partition: [] for span in batch.ranges()}
        for topic, number, *refusal in self.warehouse.rows(
            f"select topic, partition, offset, error_class, error_reason from {self.warehouse.database}.{batch.stream}"
            f" where lane = 'live' and error_class != '' and ({_in_ranges(batch.ranges())})"
        ):
            refusals[Partition(topic, number)].append(Refusal(*refusal))
        return [Landed(span, tuple(sorted(refusals[span.partition]))) for span in batch.ranges()]

    def retried(self, ask: Callable[[], T]) -> T:
        """Ask until there is an answer, or `wait` gives up."""
        while True:
            try:
                return ask()
            except WarehouseUnreachableError as error:
                self.wait(error)


def insert_statement(batch: Batch, claims: Claims, *, max_bytes: int) -> str:
    """The INSERT of a batch, whose block follows as the body of the request."""
    ranges = batch.ranges()
    topics = ", ".join(quoted(span.partition.topic) for span in ranges)
    generations = ", ".join(f"toUInt32({span.generation})" for span in ranges)
    partitions = ", ".join(f"toUInt32({span.partition.number})" for span in ranges)
    structure = ", ".join(f"{name} {kind}" for name, kind in STRUCTURE)
    return (
        f"insert into {claims.database}.{batch.stream} ({COLUMNS})\n"
        f"{with_clause(batch.stream, max_bytes=max_bytes)}\n"
        f"select [{topics}][run], [{generations}][run], [{partitions}][run], offset, key,"
        " fromUnixTimestamp64Milli(kafka_ms, 'UTC'), headers, payload,"
        f" error_classes[verdict], error_reasons[verdict], {CHECK_VERSION}, 'live', 0, '', now64(3)\n"
        f"from input('{structure}')\n"
        f"where {claims.fence([span.partition for span in ranges])}\n"
        "format Native"
    )


def _in_ranges(ranges: Sequence[Range]) -> str:
    return " or ".join(f"({in_range(span.partition, span.generation, span.first, span.last)})" for span in ranges)


def in_range(partition: Partition, generation: int, first: int, last: int) -> str:
    """A condition on the primary key."""
    return (
        f"topic = {quoted(partition.topic)} and generation = {generation} and partition = {partition.number}"
        f" and offset between {first} and {last}"
    )
