"""Runs of the loader: until all that is there now has landed, or for ever."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from loaders.batch import Limits
from loaders.claims import Claims
from loaders.errors import BrokerError
from loaders.kafka_python import KafkaPythonSource
from loaders.landing import Landed, Lander
from loaders.loop import Loop
from loaders.patience import Patience
from loaders.schema import migrate
from loaders.session import Session
from loaders.settings import Settings
from loaders.source import Source
from loaders.streams import match_topics, patterns
from loaders.summary import LoadSummary
from loaders.warehouse import ClickHouse

Progress = Callable[[LoadSummary, int], None]
"""Is called after each landing with what was done so far and how many records wait."""


@dataclass(slots=True)
class _Tally:
    """Counts what landed."""

    started: float = field(default_factory=monotonic)
    by_topic: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, landed: list[Landed]) -> None:
        for done in landed:
            usable, sidelined = self.by_topic.get(done.range.partition.topic, (0, 0))
            bad = len(done.unusable)
            self.by_topic[done.range.partition.topic] = (usable + done.range.rows - bad, sidelined + bad)

    def summary(self) -> LoadSummary:
        usable = sum(counts[0] for counts in self.by_topic.values())
        sidelined = sum(counts[1] for counts in self.by_topic.values())
        return LoadSummary(usable + sidelined, usable, sidelined, monotonic() - self.started, dict(self.by_topic))


def load_until_caught_up(settings: Settings, *, progress: Progress | None = None) -> LoadSummary:
    """Land every record that stands in the topics as this begins, and return what was landed.

    May be run again at any time, and beside another one: then the later one takes over and the earlier one ends with
    `FencedError`. Raises a `ThroughlineError` that says what to do.
    """
    warehouse = ClickHouse(settings)
    migrate(warehouse, settings)
    source = KafkaPythonSource(settings, group=None)
    try:
        return _catch_up(settings, source, warehouse, progress)
    finally:
        source.close()
        warehouse.close()


def _catch_up(settings: Settings, source: Source, warehouse: ClickHouse, progress: Progress | None) -> LoadSummary:
    tally = _Tally()
    streams = match_topics(source.topics(), patterns(settings))
    if not streams:
        named = ", ".join(sorted(name for names in patterns(settings).values() for name in names))
        raise BrokerError(f"Kafka at {settings.kafka_bootstrap} has none of the topics {named}")
    landing = ClickHouse(settings)
    claims = Claims(settings.raw_database)
    lander = Lander(
        landing, claims, settings.throughline_max_record_bytes, Patience(settings.throughline_retry_seconds)
    )
    session = Session(warehouse, claims, lander, source, streams)
    partitions = source.partitions(streams)
    taken = session.take(partitions)
    ends = {partition: log.end for partition, log in source.logs(list(taken.positions)).items()}
    waiting = {partition for partition, position in taken.positions.items() if position < ends[partition]}

    def landed(done: list[Landed]) -> None:
        tally.add(done)
        if progress is not None:
            progress(tally.summary(), sum(max(0, ends[name] - loop.positions[name]) for name in ends))

    loop = Loop(source, session.land, limits(settings), landed)
    loop.own(taken.owned, taken.positions)
    source.assign({partition: taken.positions[partition] for partition in waiting})
    try:
        while waiting:
            loop.step()
            waiting = {partition for partition in waiting if source.position(partition) < ends[partition]}
        loop.drain()
    finally:
        loop.close()
        landing.close()
    if taken.stuck:
        raise next(iter(taken.stuck.values()))
    return tally.summary()


def limits(settings: Settings) -> Limits:
    return Limits(settings.throughline_batch_rows, settings.throughline_batch_bytes, settings.throughline_batch_seconds)
