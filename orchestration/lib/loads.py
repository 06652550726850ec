"""What a load did, as numbers that Dagster draws as trends."""

from loaders.settings import Settings
from loaders.streams import match_topics, patterns
from loaders.summary import LoadSummary
from orchestration.lib.streams import STREAMS


def table_metadata(table: str, summary: LoadSummary, settings: Settings) -> dict[str, float]:
    """The part of a load that one raw table got. `raw.sideline` and `raw.load_ranges` are of all streams."""
    topics = match_topics(summary.by_topic, patterns(settings))
    counts = [count for topic, count in summary.by_topic.items() if table not in STREAMS or topics.get(topic) == table]
    usable, sidelined = sum(count[0] for count in counts), sum(count[1] for count in counts)
    return {"consumed": usable + sidelined, "usable": usable, "sidelined": sidelined, "seconds": summary.seconds}
