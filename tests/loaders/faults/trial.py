"""One run of a seed over real Kafka and ClickHouse: produce, break things, let it heal by itself, then check."""

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import monotonic, sleep, time
from urllib.parse import urlsplit

from loaders.audit import audit
from loaders.errors import ThroughlineError
from loaders.run import load_until_caught_up
from loaders.schema import opened
from loaders.settings import KafkaClient, Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from local.stack.errors import StackError
from tests.loaders.faults import books
from tests.loaders.faults.ledger import Place, violations
from tests.loaders.faults.members import Member
from tests.loaders.faults.producer import MAX_RECORD_BYTES, NumberedProducer
from tests.loaders.faults.proxy import Proxy, proxied
from tests.loaders.faults.recovery import Disturbance, recoveries
from tests.loaders.faults.schedule import ON_THE_WIRE, REBALANCE, Deed, Fault, Schedule, schedule
from tests.support.topics import create

HEAL_SECONDS = 90.0
HAPPENS_WITHIN_SECONDS = 60.0
INSERT_WITHIN_SECONDS = 60.0
COMPACTION = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "1000",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a seed came to. `healed` is how long the last record took to land once nothing was broken any more.

    `recoveries` are deed, seconds until the slowest partition landed again, and whether nothing else was broken
    meanwhile. `load` is that of the machine, by the minute.
    """

    seed: int
    client: str
    members: int
    is_named: bool
    deeds: tuple[str, ...]
    fired: tuple[str, ...]
    wire_hits: int
    produced: int
    sidelined: int
    compacted: int
    recoveries: tuple[tuple[str, float, bool], ...]
    healed: float
    load: float
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
    # What happened to the engines, by this run or by another that shares them.
    engines: list[Disturbance]
    # Returns when nobody breaks the engines any more: books cannot be read from one that is being killed.
    wait_for_others: Callable[[], object]
    complaints: list[str] = field(default_factory=list)
    disturbances: list[Disturbance] = field(default_factory=list)
    _restarts: "list[Future[None]]" = field(default_factory=list)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def run(self) -> Result:
        begun = monotonic()
        self.proxy.failing = self._note
        self.producer.start()
        for member in self.members:
            member.died = self._note
            member.start()
        with self._threads, self._supervised():
            self._break_things(begun)
            self._wait_until_all_happened()
            self.producer.finish()
            healed = self._heal()
        for member in self.members:
            member.end()
            self.complaints += [f"{member.name} {what}" for what in member.unexpected]
        self.wait_for_others()
        if audit(self.settings).findings or self._is_to_announce():
            # One that died, or had an insert unanswered as it ended, leaves its books to the next start.
            load_until_caught_up(self.settings)
        return self._judge(begun, healed)

    @contextmanager
    def _supervised(self) -> Iterator[None]:
        done = Event()

        def look_after() -> None:
            while not done.wait(0.05):
                for member in self.members:
                    member.look_after()

        thread = Thread(target=look_after, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _break_things(self, begun: float) -> None:
        for fault in self.plan.faults:
            sleep(max(0.0, begun + fault.at - monotonic()))
            self._do(fault)
        sleep(max(0.0, begun + self.plan.seconds - monotonic()))
        for restart in self._restarts:
            restart.result()

    def _do(self, fault: Fault) -> None:
        # One that is stopped stays so: the next one suffers instead.
        in_turn = [*self.members[fault.victim :], *self.members[: fault.victim]]
        member = next((candidate for candidate in in_turn if not candidate.is_stopped), in_turn[0])
        if fault.deed in ON_THE_WIRE:
            self.proxy.fail(fault.deed, seconds=fault.seconds)
        elif fault.deed == "kill a loader":
            member.kill()
        elif fault.deed.startswith("stop a loader"):
            self._note(fault.deed, fault.seconds)
            member.stop(fault.seconds)
        elif fault.deed == REBALANCE:
            self._note(fault.deed)
            member.end_and_start()
        elif fault.deed == "kill ClickHouse in an insert":
            # From the first byte to the answer an insert takes some hundredths of a second.
            self._restarts.append(self._threads.submit(self._kill_in_insert, fault.seconds / 200))
        elif fault.deed == "restart the broker":
            self._restarts.append(self._threads.submit(self._restart, "kafka", fault.deed))

    def _kill_in_insert(self, after: float) -> None:
        killed, process = Event(), self.stack.service("clickhouse").process()
        assert process is not None

        def kill() -> None:
            process.kill()
            killed.set()

        self.proxy.in_insert(kill, after=after)
        if killed.wait(INSERT_WITHIN_SECONDS):
            self._restart("clickhouse", "kill ClickHouse in an insert")
        else:
            self.complaints.append("no insert came by in which to kill ClickHouse")

    def _restart(self, service: str, deed: Deed) -> None:
        start = time() * 1000
        self.stack.kill(service)
        try:
            self.stack.up()
        except StackError:
            # A machine with too much else to do; the time that it takes is not the loader's.
            self.stack.up()
        self.disturbances.append(Disturbance(deed, start, time() * 1000))

    def _note(self, deed: Deed, seconds: float = 0.0) -> None:
        now = time() * 1000
        self.disturbances.append(Disturbance(deed, now, now + seconds * 1000))

    def _wait_until_all_happened(self) -> None:
        """Failpoints that were not come by yet, and failures that nothing has met."""
        deadline = monotonic() + HAPPENS_WITHIN_SECONDS
        while self._is_to_happen() and monotonic() < deadline:
            sleep(0.1)
        for member in self.members:
            self.complaints += [f"{member.name} never came by the failpoint {name}" for name in member.armed]
        if self.proxy.has_waiting:
            self.complaints.append("nothing came by on the wire that could be broken")

    def _is_to_happen(self) -> bool:
        return self.proxy.has_waiting or any(member.armed for member in self.members)

    def _heal(self) -> float:
        """Wait until all has landed that must. Nobody does anything but what a supervisor does."""
        must = {place for place, record in self.producer.produced.items() if not record.is_superseded}
        while any(member.is_stopped for member in self.members):
            sleep(0.1)
        begun = monotonic()
        while missing := must - self._landed():
            if monotonic() - begun > HEAL_SECONDS:
                self.complaints.append(f"{len(missing)} records did not land within {HEAL_SECONDS:.0f} s of the end")
                break
            sleep(0.3)
        return monotonic() - begun

    def _landed(self) -> set[Place]:
        try:
            return books.landed_places(self.warehouse)
        except ThroughlineError:
            return set()

    def _is_to_announce(self) -> bool:
        """Whether unusable records are missing in the sideline topic: nobody took their partition after a death."""
        unusable = set(books.sidelined(self.warehouse))
        topics = sorted({place.topic for place in unusable})
        return bool(unusable - set(books.announced(self.settings, topics)))

    def _judge(self, begun: float, healed: float) -> Result:
        rows, produced = books.rows(self.warehouse), self.producer.produced
        topics = sorted({row.place.topic for row in rows if not row.is_usable})
        sidelined = books.sidelined(self.warehouse)
        self.complaints += violations(produced, rows, sidelined, books.announced(self.settings, topics))
        self.complaints += audit(self.settings).findings
        recovered = list(recoveries([*self.disturbances, *self.engines], rows))
        for recovery in recovered:
            if recovery.seconds > recovery.allowed * slack():
                self.complaints.append(
                    f"landed again {recovery.seconds} s after '{recovery.deed}', allowed are {recovery.allowed} s"
                )
        return Result(
            seed=self.plan.seed,
            client=self.settings.throughline_kafka_client,
            members=self.plan.members,
            is_named=self.plan.is_named,
            deeds=self.plan.deeds,
            fired=tuple(name for member in self.members for name in member.fired),
            wire_hits=self.proxy.hits,
            produced=len(produced),
            sidelined=len(sidelined),
            compacted=len(produced.keys() - {row.place for row in rows}),
            recoveries=tuple((each.deed, each.seconds, each.is_alone) for each in recovered),
            healed=round(healed, 1),
            load=round(os.getloadavg()[0], 1),
            seconds=round(monotonic() - begun, 1),
            violations=tuple(self.complaints[:20]),
        )


def slack() -> float:
    """What a limit in seconds is multiplied by: a machine with more work than it can do is slower, at most by four."""
    return min(4.0, max(1.0, os.getloadavg()[0] / (2 * (os.cpu_count() or 1))))


def run_seed(
    stack: Stack,
    seed: int,
    folder: Path,
    *,
    client: KafkaClient,
    engines: list[Disturbance] | None = None,
    wait_for_others: Callable[[], object] = lambda: None,
) -> Result:
    """Run a seed on a running stack, in databases and topics of its own. The loaders' logs are left in the folder.

    Runs that share a stack share the list `engines`: what one does to the engines happens to all. They call
    `wait_for_others` before they read their books.
    """
    engines = [] if engines is None else engines
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
        members = [_member(plan, number, settings, proxy, folder) for number in range(plan.members)]
        try:
            return Trial(plan, stack, settings, proxy, members, producer, warehouse, engines, wait_for_others).run()
        finally:
            for member in members:
                member.kill()


def _member(plan: Schedule, number: int, settings: Settings, proxy: Proxy, folder: Path) -> Member:
    name = f"loader-{number}"
    update = {"clickhouse_url": proxy.url, "throughline_group_instance": name if plan.is_named else None}
    armed = [fault.detail for fault in plan.faults if fault.detail and fault.victim == number]
    return Member(name, settings.model_copy(update=update), folder, armed=armed)


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
