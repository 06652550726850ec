"""The topics that streams go to."""

from loaders.settings import Settings
from local.produce.errors import ProduceError
from local.produce.sources import STREAMS


def topic_names(settings: Settings) -> dict[str, str]:
    """Stream -> topic: the first that the settings name. A pattern names none: '' then."""
    return {stream: _first_name(getattr(settings, f"throughline_topics_{stream}")) for stream in STREAMS}


def topics_of(streams: set[str], settings: Settings, topic: str | None) -> dict[str, str]:
    """Where to send each of these streams. Raises ProduceError where only a pattern is known."""
    names = topic_names(settings)
    chosen = {stream: topic or names[stream] for stream in sorted(streams)}
    for stream, name in chosen.items():
        if not name:
            raise ProduceError(
                f"THROUGHLINE_TOPICS_{stream.upper()} is a pattern, so it does not say where to send: add --topic NAME"
            )
    return chosen


def _first_name(names: str) -> str:
    return next((name for name in map(str.strip, names.split(",")) if name and not name.startswith("^")), "")
