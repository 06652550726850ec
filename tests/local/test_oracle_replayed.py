"""The truth of a log that is clean as it stands."""

from pathlib import Path

import pytest

from local.oracle.replayed import UnclearTruthError, read_log
from local.oracle.truth import counts_of, truth_of
from local.produce.errors import MappingError

MAPPING = """
envelope: {device_id: who, event: what, timestamp: when, session_id: visit}
rename_events: {look: view_item}
"""


def log(folder: Path, *rows: str, mapping: str = MAPPING) -> Path:
    (folder / "mapping.yml").write_text(mapping)
    (folder / "log.csv").write_text("\n".join(["who,what,when,visit", *rows]) + "\n")
    return folder


def test_each_row_is_one_event(tmp_path: Path) -> None:
    folder = log(tmp_path, "ada,look,2026-01-01T00:00:01Z,v1", "bob,buy,2026-01-01 00:00:02,v2")
    truth = truth_of(folder)
    assert [(event.device_id, event.event, event.occurred_at_ms, event.visit_id) for event in truth.events] == [
        ("ada", "view_item", 1_767_225_601_000, "v1"),
        ("bob", "buy", 1_767_225_602_000, "v2"),
    ]
    assert len({event.event_id for event in truth.events}) == 2


def test_every_stream_is_counted(tmp_path: Path) -> None:
    counts = counts_of(log(tmp_path, "ada,look,2026-01-01T00:00:01Z,v1"))
    assert {stream: count.records for stream, count in counts.items()} == {"events": 1, "identities": 0, "people": 0}


@pytest.mark.parametrize(
    ("row", "mapping"),
    [
        pytest.param("ada,look,yesterday,v1", MAPPING, id="no time"),
        pytest.param("ada,look", MAPPING, id="a cell is missing"),
        pytest.param(
            "ada,look,2026-01-01,2026-01-02",
            MAPPING.replace("session_id", "sent_at"),
            id="a time that needs correction",
        ),
        pytest.param(
            "ada,look,2026-01-01,v1\nbob,look,2026-01-01,v1", MAPPING.replace("session_id", "event_id"), id="copies"
        ),
    ],
)
def test_a_log_that_is_not_plain_is_refused(tmp_path: Path, row: str, mapping: str) -> None:
    with pytest.raises(UnclearTruthError):
        read_log(log(tmp_path, row, mapping=mapping))


def test_files_whose_rows_would_have_the_same_ids_are_refused(tmp_path: Path) -> None:
    folder = log(tmp_path, "ada,look,2026-01-01,v1")
    (folder / "more.csv").write_bytes((folder / "log.csv").read_bytes())
    with pytest.raises(MappingError, match="event_id_namespace"):
        read_log(folder)
