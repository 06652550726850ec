"""`load_until_caught_up`: land what stands in the topics now, then end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from loaders.batch import Limits
from loaders.breaker import BreakerLimits
from loaders.claims import Claims
from loaders.clients import open_source
from loaders.errors import BrokerError, PositionLostError
from loaders.garbage import seldom_collected
from loaders.kafka_publisher import KafkaPublisher
from loaders.landing import Landed, Lander
from loaders.loop import Loop
from loaders.patience import QUIET_SECONDS, Patience
from loaders.schema import migrate
from loaders.session import Session
from loaders.settings import Settings
from loaders.sideline_topic import SidelineTopics
from loaders.source import Source
from loaders.streams import Stream, match_topics, patterns
from loaders.summary import LoadSummary
from loaders.tally import Progress, Tally
from loaders.warehouse import ClickHouse


def load_until_caught_up(settings: Settings, *, progress: Progress | None = None) -> LoadSummary:
    """Land every record that stands in the topics as this begins, and return what was landed.

    May be run again at any time, and beside another loader: then the later one takes the partitions over and the
    earlier one ends with `FencedError`. Raises a `ThroughlineError` that says what to do. Partitions that cannot go on
    (`PositionLostError`) are raised after all others are landed.
    """
    patience = Patience(settings.throughline_retry_seconds, settings.throughline_insert_seconds + QUIET_SECONDS)
    with open_session(settings, patience, group=None) as session:
        return _catch_up(settings, session, progress, patience)


@contextmanager
def open_session(settings: Settings, patience: Patience, *, group: str | None) -> Iterator[Session]:
    """A loader with its connections, over raw tables that are up to date. Closes them whatever happens."""
    warehouse = ClickHouse(settings)
    publisher = KafkaPublisher(settings)
    source: Source | None = None
    try:
        migrate(warehouse, settings)
        source = open_source(settings, group=group)
        claims = Claims(settings.raw_database)
        session = Session(
            warehouse,
            claims,
            Lander(warehouse, claims, settings.throughline_max_record_bytes, patience),
            source,
            wanted_topics(settings, source),
            SidelineTopics(warehouse, publisher),
            BreakerLimits(
                settings.throughline_breaker_share,
                settings.throughline_breaker_window,
                settings.throughline_breaker_run,
            ),
        )
        with seldom_collected():
            yield session
    finally:
        with suppress(BrokerError):
            publisher.close()
        if source is not None:
            source.close()
        warehouse.close()


def wanted_topics(settings: Settings, source: Source) -> dict[str, Stream]:
    """The stream of each topic that exists and that the settings name. Raises `BrokerError` where there is none."""
    streams = match_topics(source.topics(), patterns(settings))
    if not streams:
        named = ", ".join(name for names in patterns(settings).values() for name in names)
        raise BrokerError(
            f"Kafka at {settings.kafka_bootstrap} has none of the topics {named}: produce into them first, "
            "or name others with THROUGHLINE_TOPICS_EVENTS, _IDENTITIES, _PEOPLE"
        )
    return streams


def batch_limits(settings: Settings) -> Limits:
    """When a batch is cut."""
    return Limits(settings.throughline_batch_rows, settings.throughline_batch_bytes, settings.throughline_batch_seconds)


def raise_first(stuck: Sequence[PositionLostError]) -> None:
    """Raise what keeps partitions from going on, as one error."""
    if stuck:
        raise PositionLostError("; ".join(str(error) for error in stuck))


def _catch_up(settings: Settings, session: Session, progress: Progress | None, patience: Patience) -> LoadSummary:
    tally, source = Tally(), session.source
    taken = session.take(source.partitions(session.streams))
    ends = {partition: log.end for partition, log in source.logs(list(taken.positions)).items()}
    waiting = {partition for partition, position in taken.positions.items() if position < ends[partition]}

    def landed(done: list[Landed]) -> None:
        patience.over()
        tally.add(done)
        if progress is not None:
            progress(tally.summary(), sum(max(0, ends[name] - loop.positions[name]) for name in ends))

    loop = Loop(source, session.land, batch_limits(settings), landed)
    loop.own(taken.owned, taken.expected)
    reading = {partition: taken.positions[partition] for partition in waiting}
    source.assign(reading)
    try:
        while waiting:
            loop.step()
            waiting = {partition for partition in waiting if source.position(partition) < ends[partition]}
            if loop.idle_seconds() > settings.throughline_retry_seconds:
                names = ", ".join(map(str, sorted(waiting)))
                raise BrokerError(
                    f"Kafka at {settings.kafka_bootstrap} has handed out nothing for {loop.idle_seconds():.0f} s, "
                    f"though {names} have more: see that its brokers run, then load again"
                )
        loop.drain()
        session.settle(loop.passed({partition: source.position(partition) for partition in reading}))
    finally:
        loop.close()
    raise_first(list(taken.stuck.values()))
    return tally.summary()
