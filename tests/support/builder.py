"""Runs dbt many times over one warehouse at the price of one parse: `dbt_forks.py` is the process that does it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from loaders.settings import PROJECT_DIR, Settings
from tests.support.waiting import eventually

# What failed is told by the run itself, so no run writes logs and artifacts that nobody reads.
QUIET = ("--quiet", "--log-level-file", "none", "--no-write-json")


class BuilderEndedError(Exception):
    """There is nobody to ask any more."""


@dataclass(frozen=True)
class Built:
    """What a run of dbt came to. A run that was killed counts no statements."""

    seconds: float
    statements: int
    is_killed: bool


@dataclass(frozen=True)
class Builder:
    """`models` are name, schema, alias and materialization of each, as `manifest` has them."""

    process: "subprocess.Popen[str]"
    manifest: Path
    models: Sequence[Mapping[str, str]]

    def build(
        self,
        *arguments: str,
        tests: bool = False,
        kill_at: int | None = None,
        kill_after: float = 0,
        victim: int | None = None,
        stop_at: str | None = None,
    ) -> Built:
        """Run `dbt build`, without tests unless asked. Raises where a node failed.

        `kill_at` ends the run by SIGKILL at its so-manieth statement, `kill_after` so many seconds later, or the
        process of the pid `victim` in its place. `stop_at` stops the run before the first statement that this regular
        expression matches, until somebody resumes it.
        """
        without = ["--exclude-resource-type", "unit_test", *([] if tests else ["--exclude-resource-type", "test"])]
        ends = {"kill_at": kill_at, "kill_after": kill_after, "victim": victim, "stop_at": stop_at}
        outcome = self._run("build", *without, *arguments, **ends)
        return Built(outcome["seconds"], outcome["statements"], outcome["is_killed"])

    def kill_before(self, statement: str, *arguments: str) -> None:
        """Run `dbt build` and kill it as it is about to send a statement, a regular expression as in `stop_at`."""
        with self._stopped_before(statement, *arguments) as (run, built):
            run.kill()
            assert built.result().is_killed

    @contextmanager
    def held_up(self, statement: str, *arguments: str) -> Iterator[None]:
        """Hold a `dbt build` up before a statement, as in `stop_at`, for a block. Raises where a node failed."""
        with self._stopped_before(statement, *arguments) as (run, built):
            try:
                yield
            finally:
                run.resume()
            built.result()

    @contextmanager
    def _stopped_before(self, statement: str, *arguments: str) -> Iterator["tuple[psutil.Process, Future[Built]]"]:
        """The run, as soon as it has stopped, and what it will come to."""
        with ThreadPoolExecutor() as threads:
            built = threads.submit(self.build, *arguments, stop_at=statement)
            yield self._stopped_run(), built

    def _stopped_run(self) -> psutil.Process:

        def stopped() -> list[psutil.Process]:
            children = psutil.Process(self.process.pid).children()
            return [child for child in children if child.status() == psutil.STATUS_STOPPED]

        eventually(lambda: bool(stopped()), "a run that has stopped")
        return stopped()[0]

    def test(self, *arguments: str) -> None:
        """Run `dbt test`. Raises where one failed."""
        self._run("test", "--exclude-resource-type", "unit_test", *arguments)

    def compiled(self, sql: str) -> str:
        """The SQL that dbt makes of it for this warehouse. Raises where it does not compile."""
        compiled: str = self._run("compile", "--inline", sql)["compiled"]
        return compiled

    def _run(self, command: str, *arguments: str, **ends: float | str | None) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"args": [command, *QUIET, *arguments], **ends}) + "\n")
        self.process.stdin.flush()
        outcome = answer_of(self.process)
        if outcome["failures"]:
            raise AssertionError(f"dbt {command} failed:\n" + "\n".join(outcome["failures"]))
        return outcome


@contextmanager
def open_builder(settings: Settings, folder: Path, variables: Mapping[str, Any]) -> Iterator[Builder]:
    """A builder with its target and logs in `folder`, ended afterwards."""
    with (folder / "dbt.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dbt_forks", "--vars", json.dumps(dict(variables))],
            cwd=PROJECT_DIR,
            env={
                **os.environ,
                **settings.as_environment(),
                "DBT_TARGET_PATH": str(folder / "target"),
                "DBT_LOG_PATH": str(folder / "logs"),
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            try:
                yield Builder(process, folder / "target" / "manifest.json", answer_of(process)["models"])
            except BuilderEndedError as error:
                raise AssertionError(f"{error}: {(folder / 'dbt.log').read_text()[-2000:]}") from error
        finally:
            process.kill()
            process.wait()


def answer_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise BuilderEndedError(f"the builder of dbt ended with {process.wait()}")
    answer: dict[str, Any] = json.loads(line)
    return answer
