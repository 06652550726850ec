"""The three streams of the contract, each a raw table of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from loaders.settings import Settings

SIDELINE_SUFFIX = ".sideline"


class Stream(StrEnum):
    """A kind of record. Its value is the name of its raw table."""

    EVENTS = "events"
    IDENTITIES = "identities"
    PEOPLE = "people"


def patterns(settings: Settings) -> dict[Stream, tuple[str, ...]]:
    """What the settings name as the topics of each stream: names, or patterns that begin with `^`."""
    named = {
        Stream.EVENTS: settings.throughline_topics_events,
        Stream.IDENTITIES: settings.throughline_topics_identities,
        Stream.PEOPLE: settings.throughline_topics_people,
    }
    return {stream: tuple(name.strip() for name in names.split(",") if name.strip()) for stream, names in named.items()}


def match_topics(existing: Iterable[str], wanted: Mapping[Stream, Sequence[str]]) -> dict[str, Stream]:
    """The stream of each existing topic that a stream names. The first stream that names a topic has it."""
    matched: dict[str, Stream] = {}
    for topic in sorted(existing):
        if topic.endswith(SIDELINE_SUFFIX) or topic.startswith("__"):
            continue
        for stream, names in wanted.items():
            if any(re.search(name, topic) if name.startswith("^") else name == topic for name in names):
                matched.setdefault(topic, stream)
    return matched
