"""The truth is what a reader who knows only the contract makes of the files."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.simulator.catalogue import GUARDED_IDS
from local.simulator.config import SimulatorConfig
from local.simulator.run import simulate
from local.simulator.truth import Truth, read_truth
from local.simulator.truth_files import TruthNotFoundError

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = SimulatorConfig(people=800, days=20, duplicate_share=0.2, wrong_clock_share=0.3, conflict_share=0.01)
    return simulate(config, tmp_path_factory.mktemp("simulated")).folder


@pytest.fixture(scope="module")
def truth(folder: Path) -> Truth:
    return read_truth(folder)


def milliseconds(value: Any) -> int | None:
    if value is None or isinstance(value, int):
        return value
    time = datetime.fromisoformat(value)
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return round((time - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def kept_copies(path: Path, event_ids: set[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """By (event id, client time): of all usable lines the one received first, then the smallest in bytes."""
    kept: dict[tuple[str, int], tuple[float, bytes]] = {}
    for line in path.read_bytes().split(b"\n")[:-1]:
        try:
            body = json.loads(line)
            key = (body["event_id"], milliseconds(body["timestamp"]) or 0)
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(key[0], str) and key[0] in event_ids:
            received = milliseconds(body.get("received_at"))
            rank = (float("inf") if received is None else received, line)
            kept[key] = min(kept.get(key, rank), rank)
    return {key: json.loads(line) for key, (_, line) in kept.items()}


def occurred(body: dict[str, Any]) -> int:
    timestamp = milliseconds(body["timestamp"])
    sent, received = milliseconds(body.get("sent_at")), milliseconds(body.get("received_at"))
    assert timestamp is not None
    return timestamp if sent is None or received is None else timestamp + received - sent


def known(identifier: str | None) -> str:
    return "" if identifier is None or identifier in GUARDED_IDS else identifier


def test_each_event_has_the_corrected_time_and_the_ids_of_its_kept_copy(folder: Path, truth: Truth) -> None:
    kept = kept_copies(folder / "events.ndjson", {event.event_id for event in truth.events})
    assert len(kept) == len(truth.events)
    for event in truth.events:
        body = kept[event.event_id, event.client_timestamp_ms]
        assert event.occurred_at_ms == occurred(body)
        assert event.event == body["event"]
        assert event.device_id == known(body.get("device_id"))
        assert event.user_id == known(body["user_id"])
        assert {name: body["properties"][name] for name in event.properties} == event.properties
        assert event.project_id == body.get("project_id", "default")


def test_each_identity_message_has_the_corrected_time_of_its_kept_copy(folder: Path, truth: Truth) -> None:
    kept = kept_copies(folder / "identities.ndjson", {message.event_id for message in truth.identities})
    by_id = {event_id: body for (event_id, _), body in kept.items()}
    assert len(kept) == len(truth.identities)
    for message in truth.identities:
        body = by_id[message.event_id]
        assert message.occurred_at_ms == occurred(body)
        assert message.type == body["type"]
        for name in ("device_id", "previous_device_id", "user_id", "previous_id"):
            assert getattr(message, name) == known(body.get(name))


def test_clocks_that_run_wrong_are_made_good(truth: Truth) -> None:
    """Days off as sent, yet right after correction: no event of a visit strays from the others."""
    off = [event for event in truth.events if abs(event.client_timestamp_ms - event.occurred_at_ms) > DAY_MS]
    assert len(off) > 50
    start = datetime(2025, 9, 1, tzinfo=UTC).timestamp() * 1000
    assert all(start <= event.occurred_at_ms < start + 22 * DAY_MS for event in off)


def test_ids_used_twice_stand_as_two_events(truth: Truth) -> None:
    ids = [event.event_id for event in truth.events]
    assert len(ids) - len(set(ids)) == truth.counts["events"].kinds["conflicts"] > 0


def test_each_human_has_the_ids_that_its_events_carry(truth: Truth) -> None:
    humans = {human.human_id: human for human in truth.humans}
    owner = {user: human.human_id for human in truth.humans for user in human.user_ids}
    for event in truth.events:
        human = humans[event.human_id]
        assert event.is_bot == human.is_bot
        # Whoever browses on a device where someone is still signed in carries that one's user id.
        assert event.user_id == "" or event.user_id in owner


def test_a_folder_without_truth_says_so(tmp_path: Path) -> None:
    with pytest.raises(TruthNotFoundError, match="throughline simulate"):
        read_truth(tmp_path)
