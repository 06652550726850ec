"""The files of `deploy/`, started for real: PostgreSQL, the units by their own commands, two daemons; two kills."""

import configparser
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from loaders.errors import BreakerTrippedError, InstanceTakenError, ThroughlineError
from loaders.settings import PROJECT_DIR
from tests.orchestration.chaos.trial import Ground, ground, run_trial
from tests.support.deployment import DEPLOY

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.fixture(scope="module")
def here() -> Iterator[Ground]:
    with ground(Path(tempfile.mkdtemp(prefix="throughline-chaos-", dir="/tmp"))) as made:
        yield made


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_every_service_is_started_again_within_limits(unit: Path) -> None:
    service = configparser.ConfigParser(strict=False, interpolation=None)
    service.read(unit)
    assert service["Service"]["Restart"] == "always"
    assert service["Service"]["MemoryMax"]
    assert service["Service"]["EnvironmentFile"] == "/etc/throughline/throughline.env"


def test_a_loader_that_ended_on_purpose_is_not_started_again() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(DEPLOY / "systemd" / "throughline-loader@.service")
    stopped = int(unit["Service"]["RestartPreventExitStatus"])
    assert BreakerTrippedError.exit_code == InstanceTakenError.exit_code == stopped != ThroughlineError.exit_code


def test_the_instance_of_production_watches_and_retries_as_the_local_one_does() -> None:
    local = yaml.safe_load((PROJECT_DIR / "orchestration" / "dagster.yaml").read_text())
    production = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    assert production["run_launcher"] == local["run_launcher"]
    assert production["run_retries"] == local["run_retries"]
    assert (
        production["concurrency"]["pools"]
        == local["concurrency"]["pools"]
        == {"default_limit": 1, "granularity": "run"}
    )
    assert production["run_monitoring"]["free_slots_after_run_end_seconds"] == 60


@pytest.mark.timeout(1500)
def test_two_kills_leave_the_state_of_a_clean_run(here: Ground) -> None:
    """With two daemons ticking, and somebody who presses: nothing beside itself, nothing lost, no slot stuck."""
    result = run_trial(here, seed=1, kills=2, engine="", count=60, selector="minute")
    assert result.violations == []
    assert sum(result.kills.values()) == 2
    assert result.rows > 0
