"""The simulator keeps its promises: the same bytes by seed, every irregularity, a rhythm, and a truth that adds up."""

import hashlib
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from loaders.settings import PROJECT_DIR
from local.simulator.catalogue import GUARDED_IDS
from local.simulator.config import SimulatorConfig, SimulatorOptionError
from local.simulator.run import simulate
from local.simulator.truth import Truth, read_truth

CONFIG = SimulatorConfig(people=3_000, days=28, events_per_person=20)
STREAMS = ("events", "identities", "people")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(CONFIG, tmp_path_factory.mktemp("simulated")).folder


@pytest.fixture(scope="module")
def truth(folder: Path) -> Truth:
    return read_truth(folder)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    small = SimulatorConfig(people=200, days=10)
    first, second = simulate(small, tmp_path / "first"), simulate(small, tmp_path / "second")
    other = simulate(SimulatorConfig(people=200, days=10, seed=2), tmp_path / "other")
    assert digests(first.folder) == digests(second.folder)
    assert all(digests(first.folder)[name] != digest for name, digest in digests(other.folder).items())


def test_every_line_is_counted_once(folder: Path, truth: Truth) -> None:
    for stream in STREAMS:
        lines = (folder / f"{stream}.ndjson").read_bytes().split(b"\n")
        counts = truth.counts[stream]
        assert lines[-1] == b""
        assert all(lines[:-1])
        assert counts.records == len(lines) - 1
        assert counts.records == counts.clean + counts.duplicates + counts.sidelined
        assert counts.clean == len(getattr(truth, stream))


def test_every_irregularity_is_there_by_default(truth: Truth) -> None:
    events = truth.counts["events"]
    assert events.duplicates > 0
    assert set(events.unusable) == {"not_json_object", "missing_id", "wrong_type", "too_large", "impossible_time"}
    assert {name for name, count in events.kinds.items() if not count} == set()
    assert all(truth.counts[stream].duplicates and truth.counts[stream].sidelined for stream in STREAMS)
    assert {message.type for message in truth.identities} == {"identify", "alias", "merge", "unmerge", "reset"}
    assert {message.type for message in truth.people} == {"set", "set_once", "increment", "unset", "delete"}


def test_people_share_devices_and_a_kiosk_has_more_users_than_a_device_may_have(truth: Truth) -> None:
    users_of: dict[str, set[str]] = defaultdict(set)
    for event in truth.events:
        if event.user_id and event.device_id:
            users_of[event.device_id].add(event.user_id)
    sizes = sorted(map(len, users_of.values()))
    assert sizes[-1] > 20
    assert sum(size > 1 for size in sizes) > 10


def test_people_browse_anonymously_before_they_log_in(truth: Truth) -> None:
    visits: dict[str, list[str]] = defaultdict(list)
    for event in truth.events:
        visits[event.visit_id].append(event.user_id)
    assert sum(users[0] == "" and users[-1] != "" for users in visits.values()) > 100


def test_days_and_hours_have_a_rhythm(truth: Truth) -> None:
    times = [datetime.fromtimestamp(event.occurred_at_ms / 1000, UTC) for event in truth.events if not event.is_bot]
    hours = Counter(time.hour for time in times)
    weekdays = Counter(time.weekday() for time in times)
    assert hours[20] > 4 * hours[3]
    assert weekdays[5] > weekdays[1]


def test_few_people_make_most_of_the_events(truth: Truth) -> None:
    sizes = sorted(Counter(event.human_id for event in truth.events if not event.is_bot).values(), reverse=True)
    busiest = sum(sizes[: len(sizes) // 10])
    assert busiest > 0.35 * sum(sizes)


def test_what_is_true_lies_in_the_range_asked_for(truth: Truth) -> None:
    visit_times = np.array([event.occurred_at_ms for event in truth.events])
    # Latency comes on top, and an id used twice comes again up to a day later.
    assert visit_times.min() >= CONFIG.start_ms
    assert visit_times.max() < CONFIG.end_ms + 86_400_000 + 60_000


def test_about_as_many_events_as_asked_for(tmp_path: Path) -> None:
    simulation = simulate(SimulatorConfig(people=2_000, days=30, events=50_000), tmp_path)
    assert 45_000 < simulation.counts["events"].clean < 56_000


def test_guarded_ids_do_not_reach_the_truth(folder: Path, truth: Truth) -> None:
    text = (folder / "events.ndjson").read_bytes()
    assert all(f'_id":"{guarded}"'.encode() in text for guarded in GUARDED_IDS)
    assert not {event.user_id for event in truth.events} & set(GUARDED_IDS)
    assert not {event.device_id for event in truth.events} & set(GUARDED_IDS)


def test_a_share_of_zero_leaves_an_irregularity_out(tmp_path: Path) -> None:
    without = {
        name: 0.0
        for name in SimulatorConfig.__dataclass_fields__
        if name.endswith("_share") and name not in ("registered_share", "login_share", "identify_share")
    }
    simulate(SimulatorConfig(people=300, days=10, oversized_records=0, kiosks=0, **without), tmp_path)  # type: ignore[arg-type]
    truth = read_truth(tmp_path)
    events = truth.counts["events"]
    assert events.records == events.clean
    assert {name: count for name, count in events.kinds.items() if count and name != "signed_in"} == {}
    assert {message.type for message in truth.identities} == {"identify"}


def test_every_option_is_documented_with_its_default() -> None:
    text = (PROJECT_DIR / "docs" / "simulator.md").read_text()
    documented = dict(re.findall(r"^\| `(\w+)` \| .+ \| (\S+) \|$", text, re.MULTILINE))
    config = SimulatorConfig()
    assert documented == {name: str(getattr(config, name)) for name in SimulatorConfig.__dataclass_fields__}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"late_shares": "1"}, "no option late_shares", id="unknown"),
        pytest.param({"late_share": "often"}, "late_share=often is not a number", id="no number"),
        pytest.param({"late_share": "1.5"}, "between 0 and 1", id="share above one"),
        pytest.param({"events_per_person": "nan"}, "events_per_person=nan must be a number", id="not a number"),
        pytest.param({"extra_devices": "inf"}, "extra_devices=inf must be a number", id="without end"),
        pytest.param({"people": "0"}, "at least 1", id="nobody"),
        pytest.param({"project_id": 'a"b'}, "project_id", id="a project that breaks JSON"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], message: str) -> None:
    with pytest.raises(SimulatorOptionError, match=message):
        SimulatorConfig().with_options(options)


def test_a_file_in_place_of_the_folder_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.touch()
    with pytest.raises(SimulatorOptionError, match=f"{file} cannot be a folder: File exists"):
        simulate(SimulatorConfig(people=1, days=1), file)
