"""`follow`: land records as they come, sharing the topics with the other loaders of the group, until told to stop."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from operator import attrgetter
from threading import Event
from time import monotonic

from loaders.errors import (
    BrokerError,
    FencedError,
    InstanceTakenError,
    PositionLostError,
    StalledError,
    ThroughlineError,
    WarehouseUnreachableError,
)
from loaders.failpoints import failpoint
from loaders.landing import Landed
from loaders.loop import Loop
from loaders.membership import RETURN_SECONDS
from loaders.patience import Patience
from loaders.records import Partition, Range
from loaders.run import batch_limits, open_session
from loaders.session import Session
from loaders.settings import SESSION_SECONDS, Settings
from loaders.streams import match_topics, patterns
from loaders.summary import LoadSummary
from loaders.tally import Progress, Tally
from loaders.watchdog import Watchdog

# How often new topics are looked for, and partitions that stand still.
LOOK_SECONDS = 15.0

Say = Callable[[str], None]


def follow(settings: Settings, *, stop: Event, progress: Progress | None = None, say: Say = print) -> LoadSummary:
    """Land records until `stop` is set, then land what was polled and return what was landed.

    An outage of Kafka or ClickHouse, or being overtaken by another loader, ends a session; the next one starts where
    the table says. What cannot be healed by trying again raises: a refusal, the breaker, or another loader of its name.
    """
    tally = Tally()
    patience = Patience(None, is_stopping=stop.is_set)
    # Of what ends a session each error is said; within one nobody else would say why nothing lands.
    in_session = Patience(None, is_stopping=stop.is_set, say=say)
    pulse = _Pulse()
    while not stop.is_set():
        try:
            with open_session(settings, in_session, group=settings.kafka_group) as session:
                _Follower(settings, session, tally, progress, say, pulse, in_session).run(stop)
        except (BrokerError, WarehouseUnreachableError, FencedError) as error:
            if stop.is_set():
                say(f"{error}; ended with records on their way, which the next start lands")
                break
            say(f"{error}; trying again")
            _pause(patience, error, stop)
        except InstanceTakenError:
            if not pulse.has_just_returned:
                raise
            say(f"Kafka took {settings.throughline_group_instance} for another loader after a pause; joining again")
    return tally.summary()


def _pause(patience: Patience, error: ThroughlineError, stop: Event) -> None:
    try:
        patience(error)
    except ThroughlineError:
        if not stop.is_set():
            raise


@dataclass(slots=True)
class _Pulse:
    """Notices that the process was paused for longer than its session."""

    _beat: float = field(default_factory=monotonic)
    _returned: float = -inf

    def beat(self) -> None:
        if monotonic() - self._beat > SESSION_SECONDS:
            self._returned = monotonic()
        self._beat = monotonic()

    @property
    def has_just_returned(self) -> bool:
        """Whether that was a short while ago, or is found out only now."""
        self.beat()
        return monotonic() - self._returned < RETURN_SECONDS


@dataclass(slots=True)
class _Follower:
    """One session."""

    settings: Settings
    session: Session
    tally: Tally
    progress: Progress | None
    say: Say
    pulse: _Pulse
    patience: Patience
    _passed: set[Range] = field(default_factory=set)

    def run(self, stop: Event) -> None:
        try:
            self._run(stop)
        except FencedError:
            # Overtaken by one of the same name, and to join again would throw that one out in turn?
            self.session.source.confirm_name()
            raise

    def _run(self, stop: Event) -> None:
        source, watchdog = self.session.source, Watchdog(self.settings.throughline_stall_seconds)
        loop = Loop(source, self.session.land, batch_limits(self.settings), self._landed)

        def assigned(partitions: Sequence[Partition]) -> dict[Partition, int]:
            # What this loader itself has on its way must stand in the table before the table is asked.
            loop.settle()
            taken = self.session.take(partitions)
            loop.own(taken.owned, taken.expected)
            for partition, error in taken.stuck.items():
                self._say_stuck(partition, error)
            stuck = {partition: log.end for partition, log in source.logs(list(taken.stuck)).items()}
            return {**taken.positions, **stuck}

        try:
            source.subscribe(sorted(self.session.streams), assigned=assigned, revoked=loop.disown)
            looked = monotonic()
            while not stop.is_set():
                self.pulse.beat()
                loop.step()
                if monotonic() - looked > LOOK_SECONDS:
                    looked = monotonic()
                    source.confirm_name()
                    self._look_for_topics(assigned, loop)
                    self._look_for_stalls(loop, watchdog)
            loop.drain()
            self.session.settle(loop.passed(self._positions(loop)))
        finally:
            loop.close()

    def _look_for_topics(self, assigned: Callable[[Sequence[Partition]], dict[Partition, int]], loop: Loop) -> None:
        found = match_topics(self.session.source.topics(), patterns(self.settings))
        if found.keys() - self.session.streams.keys():
            self.session.streams.update(found)
            self.session.source.subscribe(sorted(self.session.streams), assigned=assigned, revoked=loop.disown)

    def _look_for_stalls(self, loop: Loop, watchdog: Watchdog) -> None:
        if loop.is_held_back:
            watchdog.forget()
            return
        positions = self._positions(loop)
        self._note_passed(loop, positions)
        logs = self.session.source.logs(list(positions))
        stalls = watchdog.observe(positions, {partition: log.end for partition, log in logs.items()})
        if stalls:
            raise StalledError(f"{'; '.join(stalls)}: the consumer is started again")

    def _positions(self, loop: Loop) -> dict[Partition, int]:
        positions = {}
        for partition in loop.owned:
            # One that is just moving away has no position any more.
            with suppress(BrokerError):
                positions[partition] = self.session.source.position(partition)
        return positions

    def _note_passed(self, loop: Loop, positions: Mapping[Partition, int]) -> None:
        """Keep how far reading came past the last records: it may stand there for longer than Kafka keeps these."""
        passed = set(loop.passed(positions))
        if loop.is_landing or passed <= self._passed:
            # The landing thread has the warehouse; there is another look soon.
            return
        with suppress(WarehouseUnreachableError):
            self.session.note_passed(sorted(passed, key=attrgetter("partition")))
            self._passed = passed

    def _landed(self, done: list[Landed]) -> None:
        self.patience.over()
        self.tally.add(done)
        failpoint("before_commit")
        self.session.source.commit({landed.range.partition: landed.range.last + 1 for landed in done})
        failpoint("after_commit")
        if self.progress is not None:
            self.progress(self.tally.summary(), 0)

    def _say_stuck(self, partition: Partition, error: PositionLostError) -> None:
        self.say(f"{error} (the other partitions go on)")
