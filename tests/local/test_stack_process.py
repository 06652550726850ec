"""A child process and what it starts in turn, as Dagster does."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.stack.errors import FolderInUseError
from local.stack.process import Child, lives
from tests.support.waiting import eventually

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""

# What SIGKILL leaves for a moment: the first thread is gone, another one still holds the process's files.
HALF_DEAD = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print("dying", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    started = Child(tmp_path, "parent")
    started.spawn([sys.executable, "-c", PARENT], environment=os.environ, directory=tmp_path)
    yield started
    started.kill()


def grandchild_of(child: Child) -> psutil.Process:
    eventually(lambda: bool(child.log.read_text().strip()), "the grandchild's number", seconds=20)
    return psutil.Process(int(child.log.read_text()))


def test_stop_ends_the_child_and_what_it_started(child: Child) -> None:
    grandchild = grandchild_of(child)
    assert child.stop(patience=5)
    assert not lives(grandchild)
    assert child.find() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_child_ends_by_a_signal_also_where_its_starter_ignores_it(tmp_path: Path, number: signal.Signals) -> None:
    child = Child(tmp_path, "asked")
    before = signal.signal(number, signal.SIG_IGN)
    try:
        process = child.spawn([sys.executable, "-c", PARENT], environment=os.environ, directory=tmp_path)
        assert signal.getsignal(number) == signal.SIG_IGN
        grandchild = grandchild_of(child)
        process.send_signal(number)
        assert process.wait(5) == -number
        assert child.stop(patience=5)
        assert not lives(grandchild)
    finally:
        signal.signal(number, before)
        child.kill()


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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a first thread that ended before the others")
def test_a_process_is_gone_only_when_its_last_thread_is(tmp_path: Path) -> None:
    child = Child(tmp_path, "half-dead")
    process = child.spawn([sys.executable, "-c", HALF_DEAD], environment=os.environ, directory=tmp_path)
    eventually(lambda: process.status() == psutil.STATUS_ZOMBIE, "the end of the first thread", seconds=20)
    assert lives(process)

    assert child.kill()
    Child(tmp_path, "next").require_free()
