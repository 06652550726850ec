"""The demo's runner: what is killed goes on, what is wrong stops with one line."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from local.demo.lock import DemoBusyError, only_one
from local.demo.stages import Runner, Stage, StageError

# Appends a letter to the file, then does what is asked if it is the first to write.
ONCE = """
import os, signal, sys, pathlib
file = pathlib.Path(sys.argv[1]); text = file.read_text() if file.exists() else ''
file.write_text(text + 'x')
if not text: {what}
"""


class FakeServices:
    """Services of which one is dead so many times as it is looked at."""

    def __init__(self, deaths: int = 0) -> None:
        self.deaths = deaths
        self.revived = 0

    def dead(self) -> Sequence[str]:
        return ["clickhouse"] if self.revived < self.deaths else []

    def revive(self, names: Sequence[str]) -> None:
        assert names == ["clickhouse"]
        self.revived += 1


def runner(what: str, services: FakeServices | None = None) -> Runner:
    return Runner(
        services=services or FakeServices(),
        environment={},
        console=Console(quiet=True),
        program=(sys.executable, "-c", ONCE.format(what=what)),
    )


def stage(path: Path, log: Path | None = None) -> Stage:
    return Stage(title="Write", arguments=[str(path)], log=log)


def test_a_killed_command_runs_again(tmp_path: Path) -> None:
    runs = runner("os.kill(os.getpid(), signal.SIGKILL)")
    runs.run(stage(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "xx"
    assert [timing.title for timing in runs.timings] == ["Write"]


def test_a_command_that_lost_its_service_runs_again(tmp_path: Path) -> None:
    services = FakeServices(deaths=1)
    runner("sys.exit(1)", services).run(stage(tmp_path / "file"))
    assert (services.revived, (tmp_path / "file").read_text()) == (1, "xx")


def test_a_command_that_is_wrong_does_not_run_again(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="failed; mend that") as failed:
        runner("sys.exit(1)").run(stage(tmp_path / "file"))
    assert failed.value.is_told
    assert (tmp_path / "file").read_text() == "x"


def test_the_end_of_a_failed_log_is_shown(tmp_path: Path) -> None:
    console = Console(record=True, quiet=False, width=80, file=(tmp_path / "shown").open("w"))
    runs = Runner(
        services=FakeServices(),
        environment={},
        console=console,
        program=(sys.executable, "-c", "print('why'); exit(1)"),
    )
    with pytest.raises(StageError, match=r"stage\.log") as failed:
        runs.run(Stage(title="Build", arguments=[], log=tmp_path / "logs" / "stage.log"))
    assert "why" in console.export_text()
    assert not failed.value.is_told


def test_a_command_that_is_always_killed_is_given_up_in_words(tmp_path: Path) -> None:
    runs = Runner(
        services=FakeServices(),
        environment={},
        console=Console(quiet=True),
        program=(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"),
    )
    with pytest.raises(StageError) as failed:
        runs.run(stage(tmp_path / "file"))
    assert not failed.value.is_told


def test_the_lock_is_held_until_the_last_child_is_gone(tmp_path: Path) -> None:
    quiet = Console(quiet=True)
    with only_one(tmp_path / "lock", console=quiet) as descriptor:
        orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"], pass_fds=(descriptor,))
    started = time.monotonic()
    with (
        pytest.raises(DemoBusyError, match="stop it"),
        only_one(tmp_path / "lock", console=quiet, patience_seconds=0.1),
    ):
        pass
    with only_one(tmp_path / "lock", console=quiet, patience_seconds=10):
        assert orphan.wait(timeout=1) == 0
    assert time.monotonic() - started < 10
