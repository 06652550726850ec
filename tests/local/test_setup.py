"""`make setup` on machines that lack something: one line that says what, and how to get it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from loaders.settings import PROJECT_DIR


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What setup.sh reads of a fresh clone."""
    (tmp_path / "local").mkdir()
    for name in ("pyproject.toml", "uv.lock", "local/setup.sh"):
        shutil.copy(PROJECT_DIR / name, tmp_path / name)
    return tmp_path


def run_setup(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "local/setup.sh"],
        cwd=clone,
        env={**os.environ, "PYTHON": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def fake_command(folder: Path, name: str, body: str) -> Path:
    folder.mkdir(exist_ok=True)
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return script


def errors(run: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in run.stderr.splitlines() if line.startswith("error: ")]


@pytest.mark.parametrize("version", [pytest.param("3.10.13", id="too old"), pytest.param("3.14.0", id="too new")])
def test_a_python_that_does_not_fit_is_named_with_the_way_to_get_one(clone: Path, tmp_path: Path, version: str) -> None:
    python = fake_command(tmp_path / "bin", "python3", f'[ "$1" = --version ] && echo "Python {version}" || exit 1')

    run = run_setup(clone, PYTHON=str(python))

    assert run.returncode == 1
    [line] = errors(run)
    assert f"found: Python {version}" in line
    assert "apt-get install python3" in line


def test_a_full_disk_is_told_before_anything_is_made(clone: Path, tmp_path: Path) -> None:
    fake_command(tmp_path / "bin", "df", "echo header; echo /dev/x 100 90 10 90% /")

    run = run_setup(clone, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    assert run.returncode == 1
    [line] = errors(run)
    assert "10 MB free" in line
    assert not (clone / ".venv").exists()


def test_no_way_to_the_package_index_is_one_clear_line_and_leaves_no_ready_mark(clone: Path) -> None:
    run = run_setup(clone, PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_RETRIES="0", PIP_FIND_LINKS="")

    assert run.returncode == 1
    [line] = errors(run)
    assert "cannot reach the package index" in line
    assert not (clone / ".venv" / ".ready").exists()
