"""Which topics are loaded, and going on with one that was made again or that the breaker stopped."""

from dataclasses import dataclass

from loaders import stops
from loaders.claims import quoted
from loaders.clients import open_source
from loaders.errors import ThroughlineError
from loaders.positions import Log, generations, highest_landed
from loaders.records import Partition
from loaders.run import wanted_topics
from loaders.schema import opened
from loaders.settings import Settings
from loaders.streams import Stream


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as Kafka and the table see it. `lag` counts offsets, of which some may be Kafka's own."""

    topic: str
    stream: Stream
    generation: int
    partitions: int
    end: int
    lag: int


def states(settings: Settings) -> list[TopicState]:
    """Every topic that is loaded."""
    with opened(settings) as warehouse:
        source = open_source(settings, group=None)
        try:
            streams = wanted_topics(settings, source)
            partitions = source.partitions(streams)
            logs = source.logs(partitions)
        finally:
            source.close()
        current = generations(warehouse, sorted(streams))
        highest = highest_landed(warehouse, streams, current, partitions)
    found = []
    for topic, stream in streams.items():
        here = [partition for partition in partitions if partition.topic == topic]
        lag = sum(max(0, logs[p].end - max(highest.get(p, -1) + 1, logs[p].begin)) for p in here)
        found.append(TopicState(topic, stream, current[topic], len(here), sum(logs[p].end for p in here), lag))
    return found


def new_generation(settings: Settings, topic: str, *, reason: str) -> int:
    """Go on with a topic as if it were a new one: its offsets count anew. Returns the number of the generation."""
    with opened(settings) as warehouse:
        _logs(settings, topic)
        number = generations(warehouse, [topic])[topic] + 1
        warehouse.execute(
            f"insert into {warehouse.database}.topic_generations (topic, generation, reason)"
            f" values ({quoted(topic)}, {number}, {quoted(reason)})"
        )
    return number


def resume(settings: Settings, topic: str, *, reason: str) -> None:
    """Go on with a topic that the breaker stopped. What Kafka has of it now lands whatever it is."""
    with opened(settings) as warehouse:
        ends = {partition: log.end for partition, log in _logs(settings, topic).items()}
        if not stops.stopped(warehouse, [topic]):
            raise ThroughlineError(f"the breaker has not stopped {topic}: nothing keeps it from being loaded")
        stops.record_resume(warehouse, generations(warehouse, [topic])[topic], ends, reason=reason)


def _logs(settings: Settings, topic: str) -> dict[Partition, Log]:
    """What Kafka has of a topic. Raises where it is none of those that are loaded."""
    source = open_source(settings, group=None)
    try:
        if topic not in wanted_topics(settings, source):
            raise ThroughlineError(f"{topic} is none of the topics that are loaded: see `throughline topics list`")
        return source.logs(source.partitions([topic]))
    finally:
        source.close()
