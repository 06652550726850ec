"""A child process and what it starts in turn, as Dagster does."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.stack.errors import FolderInUseError
from local.stack.process import Child, lives

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    started = Child(tmp_path, "parent")
    started.spawn([sys.executable, "-c", PARENT], environment=os.environ, directory=tmp_path)
    yield started
    started.kill()


def grandchild_of(child: Child) -> psutil.Process:
    deadline = time.monotonic() + 20
    while not child.log.read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.05)
    return psutil.Process(int(child.log.read_text()))


def test_stop_ends_the_child_and_what_it_started(child: Child) -> None:
    grandchild = grandchild_of(child)
    assert child.stop(patience=5)
    assert not lives(grandchild)
    assert child.find() is None


def test_stop_ends_what_a_killed_child_left_behind(child: Child) -> None:
    grandchild, parent = grandchild_of(child), child.find()
    assert parent is not None
    parent.kill()
    parent.wait(5)
    assert child.find() is None
    assert lives(grandchild)

    assert child.stop(patience=5)
    assert not lives(grandchild)


def test_a_second_child_in_the_folder_is_refused_while_the_first_lives(child: Child, tmp_path: Path) -> None:
    with pytest.raises(FolderInUseError):
        Child(tmp_path, "second").spawn([sys.executable, "-c", ""], environment=os.environ, directory=tmp_path)
    child.kill()
    Child(tmp_path, "second").require_free()
