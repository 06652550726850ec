"""Lands records as loaders do: coordinates by the order of landing, one insert per stream, replays in their lane."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zlib import crc32

from clickhouse_connect.driver.client import Client

from tests.invariants.world.record import Record

PARTITIONS = {"events": 3, "identities": 1, "people": 2}
COLUMNS = (
    "topic", "generation", "partition", "offset", "payload", "error_class", "error_reason", "check_version", "lane",
    "replay_seq", "fix", "loaded_at",
)  # fmt: skip


@dataclass
class Raw:
    """The raw tables of one database. A record keeps its place for as long as this lives."""

    client: Client
    database: str
    _next_offset: Counter[tuple[str, int]] = field(default_factory=Counter)
    _places: dict[int, tuple[int, int]] = field(default_factory=dict)
    _replayed: int = 0

    def land(self, records: Sequence[Record]) -> None:
        rows = defaultdict(list)
        loaded_at = datetime.now(UTC)
        for record in records:
            partition, offset = self._place_of(record)
            lane, seq, fix = ("replay", self._replayed, "by_hand") if record.mends else ("live", 0, "")
            reason = "made so" if record.error_class else ""
            row = (
                record.stream, 0, partition, offset, record.payload, record.error_class, reason, 1, lane, seq, fix,
                loaded_at,
            )  # fmt: skip
            rows[record.stream].append(row)
        for stream, of_stream in rows.items():
            self.client.insert(stream, of_stream, database=self.database, column_names=COLUMNS)

    def empty(self) -> None:
        for stream in PARTITIONS:
            self.client.command(f"TRUNCATE TABLE {self.database}.{stream}")
        self._next_offset.clear()
        self._places.clear()
        self._replayed = 0

    def _place_of(self, record: Record) -> tuple[int, int]:
        if record.mends is not None:
            self._replayed += 1
            return self._places[id(record.mends)]
        partition = crc32(record.payload[:40]) % PARTITIONS[record.stream]
        offset = self._next_offset[record.stream, partition]
        # Kafka leaves holes where a transaction ended.
        self._next_offset[record.stream, partition] += 1 if offset % 97 else 3
        self._places[id(record)] = (partition, offset)
        return partition, offset
