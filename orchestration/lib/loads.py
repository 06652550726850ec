"""What loads and audits say, as Dagster shows it."""

from typing import TYPE_CHECKING

from loaders.ledger import findings
from loaders.settings import Settings
from loaders.streams import match_topics, patterns
from loaders.summary import LoadSummary
from orchestration.lib.streams import STREAMS

if TYPE_CHECKING:
    from loaders.audit import AuditReport


def table_metadata(table: str, summary: LoadSummary, settings: Settings) -> dict[str, float]:
    """The part of a load that one raw table got. `raw.sideline` and `raw.load_ranges` are of all streams."""
    topics = match_topics(summary.by_topic, patterns(settings))
    counts = [count for topic, count in summary.by_topic.items() if table not in STREAMS or topics.get(topic) == table]
    usable, sidelined = sum(count[0] for count in counts), sum(count[1] for count in counts)
    return {"consumed": usable + sidelined, "usable": usable, "sidelined": sidelined, "seconds": summary.seconds}


def broken(report: "AuditReport") -> list[str]:
    """What an audit found, but for what is on its way: producers go on, and loaders that follow land beside it."""
    on_their_way = {finding for books in report.books for finding in {*findings(books)} - {*findings(books.settled)}}
    return [finding for finding in report.findings if finding not in on_their_way]
