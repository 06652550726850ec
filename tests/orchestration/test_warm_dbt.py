"""dbt in a process that has parsed the project already: does what plain dbt does, and dies with who waits for it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import psutil
import pytest
from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from local.stack import Stack
from orchestration.lib import warm_dbt_process
from orchestration.lib.warm_dbt import WarmPlace, run_warm
from tests.support.databases import open_databases, settings_of_its_own
from tests.support.dbt import small_project
from tests.support.processes import command_of, listening_in
from tests.support.waiting import eventually
from tests.support.warm_dbt import folder_of_warm_processes, ran_warm, warm_pids

PROJECT = {
    "models/answer.sql": "{{ config(materialized='table', order_by='tuple()') }} select 42 as answer",
    "macros/say_run.sql": "{% macro say_run() %}{{ log(env_var('THROUGHLINE_RUN'), true) }}{% endmacro %}",
    "macros/wait.sql": "{% macro wait() %}{% do run_query('select sleepEachRow(1) from numbers(60)"
    " settings max_block_size = 1, function_sleep_max_microseconds_per_block = 0') %}{% endmacro %}",
}
SECONDS = 20.0


def runs_of(warm: psutil.Process) -> list[psutil.Process]:
    """Its copies: Python's own helpers are children too."""
    command = command_of(warm)
    return [child for child in warm.children() if command_of(child) == command]


@dataclass
class Small:
    """A small dbt project of the test's own, and the folder of its warm processes."""

    folder: Path
    runtime: Path
    settings: Settings
    warm_seconds: str = "60"

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(Path(sys.executable).parent / "throughline-dbt"), "--no-use-colors", *arguments],
            cwd=self.folder,
            env={
                **os.environ, **self.settings.as_environment(), "DBT_PROFILES_DIR": str(self.folder),
                "XDG_RUNTIME_DIR": str(self.runtime), "THROUGHLINE_DBT_WARM_SECONDS": self.warm_seconds, **variables,
            },
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        process = self.start(*arguments, **variables)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def warm_up(self) -> int:
        """Run dbt once, and wait for the process that it leaves behind. Its pid."""
        code, said = self.run("build")
        assert code == 0, said
        eventually(lambda: bool(listening_in(self.runtime)), "a warm process", seconds=SECONDS)
        [pid] = warm_pids(self.runtime)
        return pid


@dataclass(frozen=True)
class Warm:
    """A small project and its warm process, which had so many runs `before` the test."""

    small: Small
    process: psutil.Process
    clickhouse: Client
    before: int

    def ran(self) -> int:
        """How many it had in the test."""
        return ran_warm(self.small.runtime) - self.before


@pytest.fixture
def runtime() -> Iterator[Path]:
    """The folder of a test's own warm processes."""
    with folder_of_warm_processes() as folder:
        yield folder


def make_project(folder: Path) -> None:
    small_project(folder)
    for name, text in PROJECT.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture
def small(settings: Settings, clickhouse: Client, tmp_path: Path, runtime: Path) -> Small:
    make_project(tmp_path)
    return Small(tmp_path, runtime, settings)


@pytest.fixture(scope="module")
def shared(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Small, psutil.Process, Client]]:
    """A project with a warm process, for tests that leave both as they are."""
    folder, settings = tmp_path_factory.mktemp("shared"), settings_of_its_own(stack)
    make_project(folder)
    with open_databases(settings) as client, folder_of_warm_processes() as runtime:
        small = Small(folder, runtime, settings, warm_seconds="1800")
        yield small, psutil.Process(small.warm_up()), client


@pytest.fixture
def warm(shared: tuple[Small, psutil.Process, Client]) -> Warm:
    small, process, client = shared
    return Warm(small, process, client, ran_warm(small.runtime))


def test_a_process_that_has_ended_is_no_run_of_any_other() -> None:
    with subprocess.Popen(["true"]) as ended:
        process = psutil.Process(ended.pid)
        eventually(lambda: process.status() == psutil.STATUS_ZOMBIE, "the end", seconds=SECONDS)
        assert command_of(process) == []


def test_a_socket_that_nobody_listens_on_is_no_warm_process(runtime: Path) -> None:
    path = runtime / "warm.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert listening_in(runtime) == []
        listener.listen()
        assert listening_in(runtime) == [path]
    assert path.exists()
    assert listening_in(runtime) == []


def test_a_warm_run_does_what_a_cold_one_does(warm: Warm) -> None:
    table = f"{warm.small.settings.marts_database}.answer"
    warm.clickhouse.command(f"drop table {table}")
    results = warm.small.folder / "target" / "run_results.json"
    results.unlink()
    code, said = warm.small.run("build")
    assert (code, warm.ran()) == (0, 1)
    assert "Completed successfully" in said
    assert warm.clickhouse.query(f"select answer from {table}").result_rows == [(42,)]
    assert results.exists()


def test_what_cannot_run_ends_with_the_same_code_and_words(warm: Warm) -> None:
    small = warm.small
    cold = Small(small.folder, small.runtime, small.settings, warm_seconds="0")
    for arguments in (["run-operation", "nobody"], ["build", "--no-such-option"], ["build", "--select", "nobody"]):
        (cold_code, cold_said), (code, said) = cold.run(*arguments), small.run(*arguments)
        assert (code, said.splitlines()[-1][10:]) == (cold_code, cold_said.splitlines()[-1][10:])
    assert warm.ran() == 3


def test_a_changed_model_is_seen_at_once(small: Small, clickhouse: Client) -> None:
    small.warm_up()
    model = small.folder / "models" / "answer.sql"
    model.write_text(model.read_text().replace("42", "43"))
    assert small.run("build")[0] == 0
    assert clickhouse.query(f"select answer from {small.settings.marts_database}.answer").result_rows == [(43,)]
    assert ran_warm(small.runtime) == 0


def test_each_run_has_an_environment_of_its_own(warm: Warm) -> None:
    said = [warm.small.run("run-operation", "say_run", THROUGHLINE_RUN=run)[1] for run in ("one", "two")]
    assert "one" in said[0]
    assert "two" in said[1]
    assert warm.ran() == 2


def test_two_runs_at_once(warm: Warm) -> None:
    slow = warm.small.start("run-operation", "wait")
    eventually(lambda: bool(runs_of(warm.process)), "a run", seconds=SECONDS)
    fast = warm.small.start("run-operation", "say_run", THROUGHLINE_RUN="fast")
    assert "fast" in fast.communicate(timeout=SECONDS)[0]
    assert slow.poll() is None
    slow.kill()
    slow.communicate(timeout=SECONDS)
    eventually(lambda: warm.ran() == 2, "the end of both", seconds=SECONDS)


def test_a_run_whose_client_is_killed_dies(warm: Warm) -> None:
    client = warm.small.start("run-operation", "wait")
    eventually(lambda: bool(runs_of(warm.process)), "a run", seconds=SECONDS)
    client.kill()
    eventually(lambda: not runs_of(warm.process), "the end of the run", seconds=SECONDS)
    client.communicate(timeout=SECONDS)
    # And the process serves on.
    assert "next" in warm.small.run("run-operation", "say_run", THROUGHLINE_RUN="next")[1]
    assert warm.ran() == 2


def test_who_comes_second_leaves_the_first_alone(warm: Warm) -> None:
    small = warm.small
    small.run("run-operation", "say_run", THROUGHLINE_RUN="once")
    [place] = small.runtime.glob("*/*.sock")
    module = "orchestration.lib.warm_dbt_process"
    subprocess.run([sys.executable, "-m", module, str(place), str(small.folder / "target"), "1"], check=True)
    assert warm_pids(small.runtime) == [warm.process.pid]
    assert "twice" in small.run("run-operation", "say_run", THROUGHLINE_RUN="twice")[1]
    assert warm.ran() == 2


@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["as usual", "ignored by the starter"])
def test_signals_reach_the_run(small: Small, inherited: signal.Handlers) -> None:
    before = signal.signal(signal.SIGTERM, inherited)
    try:
        warm = psutil.Process(small.warm_up())
        client = small.start("run-operation", "wait")
    finally:
        signal.signal(signal.SIGTERM, before)
    eventually(lambda: bool(runs_of(warm)), "a run", seconds=SECONDS)
    client.terminate()
    client.communicate(timeout=SECONDS)
    assert client.returncode == 128 + signal.SIGTERM
    assert not runs_of(warm)


@pytest.mark.parametrize("when", ["before the run is known of", "before the client waits"])
def test_a_signal_is_passed_on_whenever_it_comes(runtime: Path, when: str) -> None:
    place = WarmPlace(runtime / "warm.sock", (), runtime, 1)
    # Whoever does not pass it on ignores it.
    default, passed_on = signal.signal(signal.SIGTERM, lambda *_: None), []
    handler = signal.getsignal(signal.SIGTERM)
    client = threading.get_ident()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(SECONDS)
            _, streams, _, _ = socket.recv_fds(connection, 1, 3)
            connection.makefile("rb").readline()
            if when == "before the run is known of":
                signal.pthread_kill(client, signal.SIGTERM)
            connection.sendall(b"1\n")
            if when == "before the client waits":
                eventually(lambda: signal.getsignal(signal.SIGTERM) != handler, "a handler", seconds=SECONDS)
                # Another thread takes it, so that it does not interrupt the client, who is about to wait.
                signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            with suppress(TimeoutError):
                passed_on.append(connection.recv(16))
            connection.sendall(b"143\n")
        for stream in streams:
            os.close(stream)

    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(place.socket))
            listener.listen()
            server = threading.Thread(target=serve, args=[listener])
            server.start()
            code = run_warm(place, ["build"])
            server.join()
        assert (code, passed_on) == (143, [bytes([signal.SIGTERM])])
        assert signal.getsignal(signal.SIGTERM) == handler
    finally:
        signal.signal(signal.SIGTERM, default)


def test_a_signal_that_comes_as_the_run_is_forked_ends_it(runtime: Path, tmp_path: Path) -> None:
    place = runtime / "warm.sock"

    def serve() -> None:
        # As whoever started it did, so that the run does too until it has handlers of its own.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        came = partial(eventually, lambda: signal.SIGTERM in signal.sigpending(), "the signal", seconds=SECONDS)
        with (
            patch.object(warm_dbt_process, "manifest_for_forks"),
            patch.object(warm_dbt_process, "die_with_parent", came),
        ):
            warm_dbt_process.main(place, tmp_path, SECONDS, [])

    server = get_context("fork").Process(target=serve)
    server.start()
    try:
        eventually(lambda: bool(listening_in(runtime)), "a warm process", seconds=SECONDS)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2 * SECONDS)
            client.connect(str(place))
            order = {"arguments": ["--version"], "environment": dict(os.environ), "folder": str(tmp_path)}
            socket.send_fds(client, [b"\n"], [0, 1, 2])
            client.sendall(json.dumps(order).encode() + b"\n")
            answers = client.makefile("rb")
            assert int(answers.readline())
            client.sendall(bytes([signal.SIGTERM]))
            assert int(answers.readline()) == 128 + signal.SIGTERM
    finally:
        server.kill()
        server.join()


def test_a_warm_process_that_dies_fails_its_run_and_the_next_starts_anew(small: Small) -> None:
    warm = psutil.Process(small.warm_up())
    client = small.start("run-operation", "wait")
    eventually(lambda: bool(runs_of(warm)), "a run", seconds=SECONDS)
    run = runs_of(warm)[0]
    warm.kill()
    said, _ = client.communicate(timeout=SECONDS)
    assert client.returncode == 128 + signal.SIGKILL
    assert "warm dbt process has ended" in said
    eventually(
        lambda: not run.is_running() or run.status() == psutil.STATUS_ZOMBIE, "the end of the run", seconds=SECONDS
    )
    assert small.warm_up() != warm.pid


def test_who_is_killed_while_it_parses_leaves_nothing_that_stays(small: Small) -> None:
    warm = psutil.Process(small.warm_up())
    [place] = small.runtime.glob("*/*.sock")
    command, environment = warm.cmdline(), {**warm.environ(), "TMPDIR": str(small.runtime)}
    warm.kill()
    warm.wait(SECONDS)
    place.unlink()
    with subprocess.Popen(command, env=environment, cwd=small.folder) as parsing:
        eventually(place.with_suffix(".parsing").exists, "a parse", seconds=SECONDS)
        parsing.kill()
    small.warm_up()
    assert {file.suffix for file in place.parent.iterdir()} == {".lock", ".log", ".sock"}
    assert list(small.runtime.iterdir()) == [place.parent]


def test_it_ends_when_nobody_comes(small: Small) -> None:
    small.warm_seconds = "1"
    assert small.run("build")[0] == 0
    eventually(lambda: bool(warm_pids(small.runtime)), "a warm process", seconds=SECONDS)
    eventually(lambda: not warm_pids(small.runtime), "its end", seconds=SECONDS)
    assert list(small.runtime.glob("*/*.sock")) == []


@pytest.mark.parametrize("arguments", [["build", "--vars", "{a: 1}"], ["parse"]])
def test_who_parses_in_a_way_of_its_own_starts_dbt_itself(small: Small, arguments: list[str]) -> None:
    assert small.run(*arguments)[0] == 0
    assert list(small.runtime.iterdir()) == []


def test_settings_that_make_no_sense_are_refused(small: Small) -> None:
    small.warm_seconds = "soon"
    code, said = small.run("build")
    assert (code, "give a number of seconds" in said) == (1, True)


def test_a_folder_that_others_may_enter_is_refused(small: Small) -> None:
    (small.runtime / f"throughline-dbt-{os.getuid()}").mkdir(mode=0o755)
    code, said = small.run("build")
    assert (code, "open to other users" in said) == (1, True)
