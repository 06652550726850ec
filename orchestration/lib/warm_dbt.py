"""Runs dbt in a process that has imported dbt and parsed the project already: half of what a small run's dbt costs.

`THROUGHLINE_DBT_WARM_SECONDS` asks for it. A run that finds no such process starts dbt itself, and leaves one behind
for the next run, `warm_dbt_process.py`. That one serves whoever has the same project files, connection, and versions,
by a copy of itself (a fork) for each run, and ends after so many idle seconds. Whoever differs in anything does not
find it, so nothing parsed is ever out of date.

The client of a run hands over its standard streams, environment and folder, passes signals on, and ends with the
run's exit code. A run whose client dies is killed.
"""

import argparse
import json
import os
import select
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Final

from orchestration.lib.project_files import project_files

ASKED_BY: Final = "THROUGHLINE_DBT_WARM_SECONDS"

# Others parse for themselves, or need no project.
_COMMANDS: Final = ("build", "compile", "ls", "run", "run-operation", "seed", "show", "test")
# What a run has of its own, without a say in how the project is parsed.
_OF_THE_RUN: Final = ("THROUGHLINE_RUN", "DBT_TARGET_PATH", "DBT_LOG_PATH")
# What a run hears of, as if dbt had been started plainly.
PASSED_ON: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What a shell says of a program that was killed by SIGKILL.
_KILLED: Final = 128 + signal.SIGKILL


class WarmDbtError(Exception):
    """What is wrong with the settings of warm dbt."""


@dataclass(frozen=True)
class WarmPlace:
    """Where the warm process of one way to parse the project listens, and what it parses with."""

    socket: Path
    options: tuple[str, ...]
    target: Path
    idle_seconds: float

    @property
    def log(self) -> Path:
        return self.socket.with_suffix(".log")


def warm_place(arguments: Sequence[str]) -> WarmPlace | None:
    """None where this run has to start dbt itself: nobody asked for warm dbt, or the run has variables of its own."""
    asked = os.environ.get(ASKED_BY, "").strip()
    if not asked or sys.platform != "linux":
        return None
    try:
        idle_seconds = float(asked)
    except ValueError:
        raise WarmDbtError(f"{ASKED_BY} is {asked!r}: give a number of seconds, or 0 for none.") from None
    said, _ = _parser().parse_known_args(arguments)
    if idle_seconds <= 0 or said.vars not in ("", "{}") or not any(word in _COMMANDS for word in arguments):
        return None
    project = Path(said.project_dir or os.environ.get("DBT_PROJECT_DIR") or Path.cwd()).resolve()
    profiles = Path(said.profiles_dir or os.environ.get("DBT_PROFILES_DIR") or project).resolve()
    if not (project / "dbt_project.yml").exists() or not (profiles / "profiles.yml").exists():
        return None
    options = ["--project-dir", str(project), "--profiles-dir", str(profiles)]
    for name in ("profile", "target"):
        options += [f"--{name}", getattr(said, name)] if getattr(said, name) else []
    stamps = _stamps([*project_files(project), profiles / "profiles.yml"])
    key = json.dumps([options, str(Path.cwd()), _environment(), _versions(), stamps])
    return WarmPlace(
        _folder() / f"{sha256(key.encode()).hexdigest()[:24]}.sock",
        tuple(options),
        project / os.environ.get("DBT_TARGET_PATH", "target"),
        idle_seconds,
    )


def run_warm(place: WarmPlace, arguments: Sequence[str]) -> int | None:
    """dbt's exit code, or None where no process is warm, so that nothing ran."""
    with socket.socket(socket.AF_UNIX) as connection, ExitStack() as until_it_ends:
        # The run may begin before this process knows of it.
        with signals_held():
            try:
                connection.connect(str(place.socket))
                order = {"arguments": list(arguments), "environment": dict(os.environ), "folder": str(Path.cwd())}
                # The streams go with the first byte.
                socket.send_fds(connection, [b"\n"], [0, 1, 2])
                connection.sendall(json.dumps(order).encode() + b"\n")
                answers = _lines(connection)
                began = next(answers, b"")
            except OSError:
                return None
            if not began:
                return None
            until_it_ends.enter_context(_passing_signals(connection))
        code = b""
        with suppress(OSError):
            code = next(answers, b"")
    if not code:
        print("The warm dbt process has ended, and this run with it. The next one starts anew.", file=sys.stderr)
        return _KILLED
    return int(code)


def leave_warm(place: WarmPlace) -> None:
    """Start the process that serves the next runs, unless there is one."""
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        subprocess.Popen(
            [sys.executable, "-m", "orchestration.lib.warm_dbt_process", str(place.socket), str(place.target),
             str(place.idle_seconds), *place.options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(log)


@contextmanager
def signals_held() -> Iterator[None]:
    """Those that a run hears of come when this is over: Linux keeps what is blocked, be it ignored or not."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--vars", default="")
    parser.add_argument("--target", "-t", default="")
    for name in ("--profile", "--profiles-dir", "--project-dir"):
        parser.add_argument(name, default="")
    return parser


def _folder() -> Path:
    """Where only this user gets in."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"throughline-dbt-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise WarmDbtError(f"{folder} is open to other users: remove it, or unset {ASKED_BY}.")
    return folder


def _environment() -> list[tuple[str, str]]:
    return sorted(
        (name, value)
        for name, value in os.environ.items()
        if name.startswith(("CLICKHOUSE_", "DBT_", "THROUGHLINE_"))
        and name not in _OF_THE_RUN
        and not name.endswith("_PASSWORD")
    )


def _versions() -> list[object]:
    """The interpreter, what is installed, and the code of this module."""
    packages = Path(sysconfig.get_path("purelib"))
    return [sys.executable, sys.version, _stamps([packages, *Path(__file__).parent.glob("*dbt*.py")])]


def _stamps(paths: Iterable[Path]) -> list[tuple[str, int, int]]:
    return sorted((str(path), status.st_mtime_ns, status.st_size) for path in paths if (status := path.stat()))


def _lines(connection: socket.socket) -> Iterator[bytes]:
    kept = b""
    while True:
        select.select([connection], [], [])
        part = connection.recv(64)
        if not part:
            return
        *lines, kept = (kept + part).split(b"\n")
        yield from lines


@contextmanager
def _passing_signals(connection: socket.socket) -> Iterator[None]:
    """As bytes of their numbers: the process that forked the run sends them to it.

    The interpreter writes them as they come. A handler of Python's would run after the next answer where the signal
    came just before this process began to wait for one.
    """

    def is_passed_on(number: int, frame: FrameType | None) -> None: ...

    connection.setblocking(False)
    written_to = signal.set_wakeup_fd(connection.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, is_passed_on) for number in PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(written_to)
