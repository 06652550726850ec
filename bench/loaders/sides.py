"""The sides of the benchmark. Each lands a whole backlog; what it cost is measured in the same way for all."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
from topics import Backlog, event

from loaders.errors import WarehouseRefusedError
from loaders.settings import Settings
from loaders.warehouse import NO_DATABASE_OR_TABLE, ClickHouse

READER = [sys.executable, str(Path(__file__).with_name("reader.py"))]
SETTLE_SECONDS = 4.0
ENGINE, BARE = "Kafka engine, tuned", "bare insert of ready blocks"
ONE_BLOCK = 100_000


@dataclass(frozen=True)
class Result:
    """What one side used for a backlog. CPU is in seconds per million events, merges included; `inserts` are parts."""

    side: str
    backlog: str
    processes: int
    batch: int
    per_second: float
    reader_cpu: float
    clickhouse_cpu: float
    peak_bytes: int
    inserts: int
    seconds: float

    @property
    def cpu(self) -> float:
        return self.reader_cpu + self.clickhouse_cpu


@dataclass(frozen=True)
class Bench:
    """A stack that nobody else uses."""

    settings: Settings
    warehouse: ClickHouse
    server: psutil.Process

    def loader(self, client: str, backlog: Backlog, *, batch: int = 100_000) -> Result:
        """The whole loader, from the beginning of the topic to its end."""
        environment = self._environment(client, backlog, batch)
        with self._measured() as clickhouse:
            reader = subprocess.run([*READER, "catch-up"], env=environment, capture_output=True, text=True, check=False)
        if reader.returncode:
            raise RuntimeError(reader.stderr[-2000:])
        used = json.loads(reader.stdout.splitlines()[-1])
        assert used["landed"] == backlog.count, used
        database = "raw" + environment["THROUGHLINE_SCHEMA_SUFFIX"]
        inserts = self._inserts(database, "events")
        self._drop(database)
        return self._result(
            client, backlog, 1, batch, used["seconds"], used["cpu"], clickhouse(), used["peak_bytes"], inserts
        )

    def followers(self, client: str, backlog: Backlog, processes: int, *, batch: int = 100_000) -> Result:
        """Several loaders that share the topic. Timed by the rows: from the first landing to the last."""
        environment = self._environment(client, backlog, batch)
        database = "raw" + environment["THROUGHLINE_SCHEMA_SUFFIX"]
        with self._measured() as clickhouse:
            readers = [
                subprocess.Popen([*READER, "follow"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                for _ in range(processes)
            ]
            wait_for_rows(self.warehouse, f"{database}.events", backlog.count)
            outputs = [reader.communicate()[0] for reader in readers]
        used = [json.loads(output.splitlines()[-1]) for output in outputs]
        [[first, last, in_first]] = self.warehouse.rows(
            "select toUnixTimestamp64Milli(min(loaded_at)), toUnixTimestamp64Milli(max(loaded_at)),"
            f" countIf(loaded_at = (select min(loaded_at) from {database}.events)) from {database}.events"
        )
        # A batch's rows carry the moment at which its insert began: those of the first one came before the clock.
        seconds = max(last - first, 1) / 1000 * backlog.count / max(backlog.count - in_first, 1)
        inserts = self._inserts(database, "events")
        self._drop(database)
        cpu, peak = sum(each["cpu"] for each in used), max(each["peak_bytes"] for each in used)
        return self._result(client, backlog, processes, batch, seconds, cpu, clickhouse(), peak, inserts)

    def engine(self, backlog: Backlog) -> Result:
        """ClickHouse's own consumer, tuned, into a table of payloads."""
        self._fresh("raw_engine")
        self.warehouse.execute(
            "create table raw_engine.landed (topic LowCardinality(String), partition UInt64, offset UInt64,"
            " payload String codec(ZSTD(1))) engine = MergeTree order by (topic, partition, offset)"
        )
        with self._measured() as clickhouse:
            begun = time.monotonic()
            try:
                self.warehouse.execute(
                    "create table raw_engine.queue (payload String) engine = Kafka settings"
                    f" kafka_broker_list = '{self.settings.kafka_bootstrap}', kafka_topic_list = '{backlog.topic}',"
                    f" kafka_group_name = 'engine-{uuid4().hex}', kafka_format = 'RawBLOB',"
                    " kafka_max_block_size = 250000, kafka_poll_max_batch_size = 65536"
                )
            except Exception as error:
                # The embedded server says so though the table is there and works.
                if "Shutdown was called" not in str(error):
                    raise
            self.warehouse.execute(
                "create materialized view raw_engine.pump to raw_engine.landed as"
                " select _topic as topic, _partition as partition, _offset as offset, payload from raw_engine.queue"
            )
            wait_for_rows(self.warehouse, "raw_engine.landed", backlog.count)
            seconds = time.monotonic() - begun
        inserts = self._inserts("raw_engine", "landed")
        cpu = clickhouse()
        self._drop("raw_engine")
        return self._result(ENGINE, backlog, 1, 250_000, seconds, 0.0, cpu, 0, inserts)

    def bare_insert(self, backlog: Backlog) -> Result:
        """The same bytes into a table of payloads, as blocks that are ready before the clock starts."""
        self._fresh("raw_bare")
        self.warehouse.execute(
            "create table raw_bare.landed (payload String codec(ZSTD(1))) engine = MergeTree order by ()"
        )
        blocks = [
            row_binary([event(number, backlog.size) for number in range(start, min(start + ONE_BLOCK, backlog.count))])
            for start in range(0, backlog.count, ONE_BLOCK)
        ]
        # The server has closed the other one's connection for idleness by now, and an insert is never sent twice.
        me, warehouse = psutil.Process(), ClickHouse(self.settings)
        with self._measured() as clickhouse:
            begun, before = time.monotonic(), sum(me.cpu_times()[:2])
            for block in blocks:
                warehouse.insert_block(
                    "insert into raw_bare.landed (payload) format RowBinary", block, query_id=uuid4().hex
                )
            seconds, cpu = time.monotonic() - begun, sum(me.cpu_times()[:2]) - before
        inserts = self._inserts("raw_bare", "landed")
        self._drop("raw_bare")
        return self._result(BARE, backlog, 1, ONE_BLOCK, seconds, cpu, clickhouse(), 0, inserts)

    @contextmanager
    def _measured(self):  # type: ignore[no-untyped-def]
        """Hands out a function that says, after the work, the server's CPU-seconds with the merges that it caused."""
        before, used = sum(self.server.cpu_times()[:2]), 0.0
        yield lambda: used
        time.sleep(SETTLE_SECONDS)
        used = sum(self.server.cpu_times()[:2]) - before

    def _result(
        self, side: str, backlog: Backlog, processes: int, batch: int, seconds: float, reader: float, server: float,
        peak: int, inserts: int,
    ) -> Result:  # fmt: skip
        millions = backlog.count / 1_000_000
        return Result(
            side, backlog.title, processes, batch, backlog.count / seconds, reader / millions, server / millions, peak,
            inserts, seconds,
        )  # fmt: skip

    def _environment(self, client: str, backlog: Backlog, batch: int) -> Mapping[str, str]:
        settings = self.settings.model_copy(
            update={
                "throughline_schema_suffix": f"_{uuid4().hex[:8]}",
                "throughline_topics_events": backlog.topic,
                "throughline_kafka_client": client,
                "throughline_batch_rows": batch,
                "throughline_batch_bytes": max(self.settings.throughline_batch_bytes, batch * 300),
            }
        )
        return {**os.environ, **settings.as_environment()}

    def _inserts(self, database: str, table: str) -> int:
        """How many parts were inserted: merged ones tell by the blocks that they cover."""
        [[count]] = self.warehouse.rows(
            "select sum(blocks) from (select max(max_block_number) - min(min_block_number) + 1 as blocks"
            f" from system.parts where database = '{database}' and table = '{table}' group by partition_id)"
        )
        return int(count)

    def _fresh(self, database: str) -> None:
        self._drop(database)
        self.warehouse.execute(f"create database {database}")

    def _drop(self, database: str) -> None:
        self.warehouse.execute(f"drop database if exists {database} sync")


def wait_for_rows(warehouse: ClickHouse, table: str, count: int) -> None:
    """Return when so many stand there. The table may not be there yet; it is asked seldom, at the cost of its side."""
    while True:
        try:
            if int(warehouse.rows(f"select count() from {table}")[0][0]) >= count:
                return
        except WarehouseRefusedError as error:
            if error.code not in NO_DATABASE_OR_TABLE:
                raise
        time.sleep(0.5)


def row_binary(values: list[bytes]) -> bytes:
    def varint(number: int) -> bytes:
        return bytes([number & 0x7F | 0x80]) + varint(number >> 7) if number > 0x7F else bytes([number])

    return b"".join(varint(len(value)) + value for value in values)
