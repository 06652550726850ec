"""Writes numbered records and keeps what Kafka confirmed of them: the truth of a run."""

from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from time import monotonic
from typing import Any

from kafka import KafkaProducer

from loaders.header_names import header_name
from loaders.kafka_config import connection
from loaders.settings import Settings
from tests.loaders.faults.ledger import Place, Produced
from tests.support.topics import event

CHUNK = 15
PAUSE_SECONDS = 0.15
MAX_RECORD_BYTES = 4_000
KEYS = 40

POISON = (
    b"",
    b"\xff\xfe",
    b"[]",
    b'{"event_id": "e"',
    b'{"event": "page_view"}',
    event(0, timestamp="never"),
    event(0, event_id={}),
    event(0, properties={"x": "x" * MAX_RECORD_BYTES}),
)


@dataclass(slots=True)
class NumberedProducer:
    """Produces on its own thread until `finish`. `topics` says how many partitions each has; one may be compacted."""

    settings: Settings
    topics: dict[str, int]
    compacted: str
    has_transactions: bool
    poison_share: float
    random: Random
    produced: dict[Place, Produced] = field(default_factory=dict)
    error: BaseException | None = None
    _latest: dict[tuple[str, int, bytes], Place] = field(default_factory=dict)
    _number: int = 0
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Return when all that was sent is confirmed. Raises what went wrong on the way."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=120)
            assert not self._thread.is_alive(), "the producer hangs"
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        more: dict[str, Any] = {"enable_idempotence": True}
        if self.has_transactions:
            more = {"transactional_id": f"tx-{next(iter(self.topics))}"}
        try:
            producer = KafkaProducer(
                **connection(self.settings), acks="all", linger_ms=2, delivery_timeout_ms=90_000, **more
            )
            try:
                if self.has_transactions:
                    producer.init_transactions()
                while not self._stop.is_set():
                    self._chunk(producer)
                    self._stop.wait(PAUSE_SECONDS)
            finally:
                producer.close(timeout=10)
        except Exception as error:
            self.error = error

    def _chunk(self, producer: Any) -> None:
        if not self.has_transactions:
            self._confirm(self._send(producer))
            return
        is_aborted = self.random.random() < 0.3
        producer.begin_transaction()
        sent = self._send(producer)
        producer.flush()
        if is_aborted:
            producer.abort_transaction()
        else:
            producer.commit_transaction()
            self._confirm(sent)

    def _send(self, producer: Any) -> list[tuple[Any, bytes, bytes, bool]]:
        sent = []
        for topic, partitions in self.topics.items():
            for partition in range(partitions):
                for _ in range(self.random.randint(1, CHUNK)):
                    key, value, is_usable = self._record()
                    headers = [(header_name(b"\xff"), b"odd")] if self.random.random() < 0.005 else []
                    future = producer.send(topic, key=key, value=value, partition=partition, headers=headers)
                    sent.append((future, key, value, is_usable))
        return sent

    def _record(self) -> tuple[bytes, bytes, bool]:
        self._number += 1
        key = b"k%d" % self.random.randrange(KEYS)
        if self.random.random() < self.poison_share:
            return key, self.random.choice(POISON), False
        return key, event(self._number), True

    def _confirm(self, sent: list[tuple[Any, bytes, bytes, bool]]) -> None:
        deadline = monotonic() + 100
        for future, key, value, is_usable in sent:
            told = future.get(timeout=max(1.0, deadline - monotonic()))
            place = Place(told.topic, told.partition, told.offset)
            self.produced[place] = Produced(value, is_usable)
            if told.topic == self.compacted:
                self._supersede((told.topic, told.partition, key), place)

    def _supersede(self, key: tuple[str, int, bytes], place: Place) -> None:
        earlier = self._latest.get(key)
        if earlier is not None:
            before = self.produced[earlier]
            self.produced[earlier] = Produced(before.value, before.is_usable, is_superseded=True)
        self._latest[key] = place
