"""The truth of a folder, whichever way it states it."""

from collections.abc import Mapping
from pathlib import Path

from local.oracle.replayed import MAPPING_FILE, read_log
from local.simulator.truth import TopicCounts, Truth, read_counts, read_truth


def truth_of(folder: Path) -> Truth:
    """Of a simulation, or of an event log with its `mapping.yml`. Raises ThroughlineError where there is neither."""
    return read_log(folder) if _is_log(folder) else read_truth(folder)


def counts_of(folder: Path) -> Mapping[str, TopicCounts]:
    """Only how many records there are of what."""
    return read_log(folder).counts if _is_log(folder) else read_counts(folder)


def _is_log(folder: Path) -> bool:
    return (folder / MAPPING_FILE).is_file()
