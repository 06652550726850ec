"""One folder for the scenarios of this module: its demo has been through everything before the first test."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import Stack
from tests.support.clickhouse import ADMIN_PASSWORDS
from tests.support.demo import DemoFolder, Ended, child_of

SMALL = ("demo", "--people=400", "--days=30", "--no-ui")


@pytest.fixture(scope="module")
def demo_folder() -> Iterator[DemoFolder]:
    folder = Path(tempfile.mkdtemp(prefix="throughline-demo-", dir="/tmp"))
    stack = Stack(folder)
    try:
        yield DemoFolder(stack)
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def small_demo(demo_folder: DemoFolder) -> tuple[str, ...]:
    """The command line of a small demo."""
    return SMALL


@pytest.fixture(scope="module")
def survived(demo_folder: DemoFolder) -> tuple[Ended, Ended]:
    """A demo that lost nearly everything and was killed itself, then one that lost the rest and came to its end."""
    stack = demo_folder.stack
    cut_short = demo_folder.run(
        *SMALL,
        on={
            "Simulate": lambda demo: child_of(demo, "simulate").kill(),
            "Produce to Kafka": lambda _: stack.kill("kafka"),
            "Load into ClickHouse": lambda demo: child_of(demo, "load").kill(),
            "Build and test the marts": lambda demo: os.kill(demo, signal.SIGKILL),
        },
    )
    completed = demo_folder.run(
        *SMALL,
        on={
            "Load into ClickHouse": lambda _: stack.kill("kafka"),
            # While dbt is in the middle of it, not while it starts.
            "Build and test the marts": lambda _: threading.Timer(6, lambda: stack.kill("clickhouse")).start(),
            "Compare": lambda demo: child_of(demo, "verify").kill(),
        },
    )
    ADMIN_PASSWORDS[stack.settings().clickhouse_url] = stack.admin_password()
    return cut_short, completed
