"""The truth of an event log that someone else made: every row of its file is one clean event."""

from pathlib import Path

import orjson

from loaders.errors import ThroughlineError
from local.produce.csv_rows import read_csv, require_ids_of_their_own
from local.produce.mapping import CsvMapping
from local.produce.message import BadLine, milliseconds
from local.produce.sources import LineReader, find_sources
from local.simulator.truth import TopicCounts, TrueEvent, Truth

MAPPING_FILE = "mapping.yml"
_NOT_CLEAN = ("sent_at", "received_at")


class UnclearTruthError(ThroughlineError):
    """The log is not so simple that its rows are the truth."""


def read_log(folder: Path) -> Truth:
    """The truth of the CSV files of events in `folder`, read through its `mapping.yml`.

    Raises UnclearTruthError where a row is not plainly one event: that would need the rules of the warehouse.
    Raises MappingError as `produce` does.
    """
    mapping = CsvMapping.read(folder / MAPPING_FILE)
    events: list[TrueEvent] = []
    sources = find_sources(sorted(folder.glob("*.csv*")), mapping.stream)
    require_ids_of_their_own(mapping, [source.path for source in sources])
    for source in sources:
        for number, message in read_csv(LineReader(source.path), mapping, source.path):
            if isinstance(message, BadLine):
                raise UnclearTruthError(f"{source.path}:{number}: {message.reason}")
            events.append(_event(orjson.loads(message.value), f"{source.path}:{number}"))
    if len({event.event_id for event in events}) != len(events):
        raise UnclearTruthError(f"{folder}: an event id stands in two rows")
    nothing = TopicCounts(records=0, clean=0, duplicates=0)
    counts = {"events": TopicCounts(records=len(events), clean=len(events), duplicates=0)}
    return Truth(events, [], [], [], {**counts, "identities": nothing, "people": nothing})


def _event(body: dict[str, object], where: str) -> TrueEvent:
    at_ms = milliseconds(body["timestamp"])
    if at_ms is None or any(name in body for name in _NOT_CLEAN):
        raise UnclearTruthError(f"{where}: the time of the event is not plainly `timestamp`")
    properties = body["properties"]
    return TrueEvent(
        project_id=str(body.get("project_id") or "default"),
        event_id=str(body["event_id"]),
        event=str(body["event"]),
        occurred_at_ms=at_ms,
        client_timestamp_ms=at_ms,
        device_id=str(body.get("device_id") or ""),
        user_id=str(body.get("user_id") or ""),
        human_id="",
        visit_id=str(body.get("session_id") or ""),
        properties=properties if isinstance(properties, dict) else {},
        is_bot=False,
    )
