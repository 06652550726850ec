"""Kafka's jars are fetched once, however many stacks start first on a machine."""

import threading
from pathlib import Path

import pytest

from local.stack import jars

SECONDS = 20


def test_who_comes_while_another_fetches_waits_for_what_it_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THROUGHLINE_CACHE_DIR", str(tmp_path))
    fetches: list[Path] = []
    began, may_end = threading.Event(), threading.Event()

    def fetch(folder: Path) -> None:
        fetches.append(folder)
        began.set()
        assert may_end.wait(SECONDS)
        folder.mkdir()
        for line in jars._LOCK.read_text().splitlines():
            (folder / line.split()[1]).touch()

    monkeypatch.setattr(jars, "_fetch", fetch)
    folders: list[Path] = []
    first, second = (threading.Thread(target=lambda: folders.append(jars.kafka_jars())) for _ in range(2))
    first.start()
    assert began.wait(SECONDS)
    second.start()
    # Time enough to begin one of its own.
    second.join(0.5)
    may_end.set()
    for thread in (first, second):
        thread.join(SECONDS)
    assert len(fetches) == 1
    assert folders == 2 * [tmp_path / "throughline" / f"kafka-{jars.KAFKA}"]
