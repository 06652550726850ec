"""One run of a seed over real Kafka and ClickHouse: produce, break things, let it heal by itself, then check."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic, sleep
from urllib.parse import urlsplit

from loaders.audit import audit
from loaders.errors import ThroughlineError
from loaders.schema import opened
from loaders.settings import KafkaClient, Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from tests.loaders.faults import books
from tests.loaders.faults.ledger import Place, violations
from tests.loaders.faults.members import Member
from tests.loaders.faults.producer import MAX_RECORD_BYTES, NumberedProducer
from tests.loaders.faults.proxy import Proxy, proxied
from tests.loaders.faults.schedule import ON_THE_WIRE, Fault, Schedule, schedule
from tests.support.topics import create

HEAL_SECONDS = 90.0
COMPACTION = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "1000",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a seed came to. `healed` is how long the last record took to land once nothing was broken any more."""

    seed: int
    members: int
    deeds: tuple[str, ...]
    fired: tuple[str, ...]
    wire_hits: int
    produced: int
    sidelined: int
    compacted: int
    healed: float
    seconds: float
    violations: tuple[str, ...]


@dataclass(slots=True)
class Trial:
    """The parts of one run."""

    plan: Schedule
    stack: Stack
    settings: Settings
    proxy: Proxy
    members: list[Member]
    producer: NumberedProducer
    warehouse: ClickHouse
    complaints: list[str] = field(default_factory=list)

    def run(self) -> Result:
        begun = monotonic()
        self.producer.start()
        for member in self.members:
            member.start()
        self._break_things(begun)
        self.producer.finish()
        healed = self._heal()
        for member in self.members:
            member.end()
            self.complaints += [f"{member.name} {what}" for what in member.unexpected]
        return self._judge(begun, healed)

    def _break_things(self, begun: float) -> None:
        waiting = list(self.plan.faults)
        while waiting or monotonic() - begun < self.plan.seconds:
            if waiting and monotonic() - begun >= waiting[0].at:
                self._do(waiting.pop(0))
            self._look_after()

    def _do(self, fault: Fault) -> None:
        # One that is stopped stays so: the next one suffers instead.
        in_turn = [*self.members[fault.victim :], *self.members[: fault.victim]]
        member = next((candidate for candidate in in_turn if not candidate.is_stopped), in_turn[0])
        if fault.deed in ON_THE_WIRE:
            self.proxy.fail(fault.deed, seconds=fault.seconds)
        elif fault.deed == "kill a loader":
            member.kill()
        elif fault.deed == "kill a loader at a failpoint":
            member.kill()
            member.start(failpoint=fault.detail)
        elif fault.deed.startswith("stop a loader"):
            member.stop_for(fault.seconds)
        elif fault.deed == "end a loader and start it again":
            member.end()
            member.start()
        else:
            service = "clickhouse" if fault.deed == "kill ClickHouse" else "kafka"
            self.stack.kill(service)
            self.stack.up()

    def _heal(self) -> float:
        """Wait until all has landed that must. Nobody does anything but what a supervisor does."""
        must = {place for place, record in self.producer.produced.items() if not record.is_superseded}
        while any(member.is_stopped for member in self.members):
            self._look_after()
        begun = monotonic()
        while missing := must - self._landed():
            if monotonic() - begun > HEAL_SECONDS:
                self.complaints.append(f"{len(missing)} records did not land within {HEAL_SECONDS:.0f} s of the end")
                break
            self._look_after()
        return monotonic() - begun

    def _look_after(self) -> None:
        for member in self.members:
            member.look_after()
        sleep(0.05)

    def _landed(self) -> set[Place]:
        try:
            return books.landed_places(self.warehouse)
        except ThroughlineError:
            return set()

    def _judge(self, begun: float, healed: float) -> Result:
        rows, produced = books.rows(self.warehouse), self.producer.produced
        topics = sorted({row.place.topic for row in rows if not row.is_usable})
        sidelined = books.sidelined(self.warehouse)
        self.complaints += violations(produced, rows, sidelined, books.announced(self.settings, topics))
        self.complaints += audit(self.settings).findings
        return Result(
            seed=self.plan.seed,
            members=self.plan.members,
            deeds=self.plan.deeds,
            fired=tuple(name for member in self.members for name in member.fired),
            wire_hits=self.proxy.hits,
            produced=len(produced),
            sidelined=len(sidelined),
            compacted=len(produced.keys() - {row.place for row in rows}),
            healed=round(healed, 1),
            seconds=round(monotonic() - begun, 1),
            violations=tuple(self.complaints[:20]),
        )


def run_seed(stack: Stack, seed: int, folder: Path, *, client: KafkaClient = "kafka-python") -> Result:
    """Run a seed on a running stack, in databases and topics of its own. The loaders' logs are left in the folder."""
    plan, settings = schedule(seed), _settings(stack, seed, client)
    topics = dict(zip(settings.throughline_topics_events.split(","), (plan.partitions, 1), strict=True))
    _, compacted = topics
    if not plan.has_compaction:
        del topics[compacted]
    for topic, partitions in topics.items():
        create(settings, topic, partitions=partitions, configs=COMPACTION if topic == compacted else {})
    producer = NumberedProducer(
        settings, topics, compacted, plan.has_transactions, plan.poison_share, random=Random(seed)
    )
    with opened(settings) as warehouse, proxied(urlsplit(settings.clickhouse_url).port or 8123) as proxy:
        behind = settings.model_copy(update={"clickhouse_url": proxy.url})
        members = [Member(f"loader-{number}", behind, folder) for number in range(plan.members)]
        try:
            return Trial(plan, stack, settings, proxy, members, producer, warehouse).run()
        finally:
            for member in members:
                member.kill()


def _settings(stack: Stack, seed: int, client: KafkaClient) -> Settings:
    name = f"f{seed}-{uuid.uuid4().hex[:6]}"
    return stack.settings().model_copy(
        update={
            "throughline_schema_suffix": "_" + name.replace("-", "_"),
            "throughline_topics_events": f"{name}-plain,{name}-compacted",
            "throughline_topics_identities": f"{name}-identities",
            "throughline_topics_people": f"{name}-people",
            "throughline_kafka_client": client,
            "throughline_batch_rows": 60,
            "throughline_batch_seconds": 0.2,
            "throughline_insert_seconds": 4.0,
            "throughline_max_record_bytes": MAX_RECORD_BYTES,
            # Poison stands close together here; the breaker has tests of its own.
            "throughline_breaker_share": 1.0,
            "throughline_breaker_run": 1_000_000,
        }
    )
