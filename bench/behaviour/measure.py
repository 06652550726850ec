"""What a question costs: in ClickHouse by its own log, elsewhere by the process that answers it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from questions import Question

OUTSIDE_SECONDS = 900


@dataclass(frozen=True)
class Result:
    """The best round of a question; `failure` where it was refused or took too long."""

    name: str
    events: int
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    failure: str = ""
    columns: tuple[str, ...] = field(default=(), repr=False)
    answer: list[list[Any]] = field(default_factory=list, repr=False)

    @property
    def cpu_per_million(self) -> float:
        return self.cpu_seconds / self.events * 1e6


def in_clickhouse(client: Client, question: Question, *, events: int, settings: Mapping[str, Any]) -> Result:
    """The round that took the least CPU: other work only ever adds."""
    rounds = []
    for _ in range(question.rounds):
        try:
            answered = client.query(question.sql, settings=dict(settings))
        except DatabaseError as error:
            return Result(question.name, events, failure=str(error).split("DB::Exception: ")[-1][:120])
        logged = _logged(client, str(answered.query_id))
        rounds.append(
            Result(
                question.name, events, logged[0] / 1e3, logged[1] / 1e6, logged[2] / 1e6,
                columns=tuple(answered.column_names), answer=[list(row) for row in answered.result_rows],
            )
        )  # fmt: skip
    return min(rounds, key=lambda one: one.cpu_seconds)


def _logged(client: Client, query_id: str) -> tuple[int, int, int]:
    """Milliseconds, CPU-microseconds and peak bytes; a query's line may come after its answer."""
    for _ in range(60):
        client.command("system flush logs query_log")
        rows = client.query(
            "select query_duration_ms, ProfileEvents['UserTimeMicroseconds'] + "
            "ProfileEvents['SystemTimeMicroseconds'], memory_usage from system.query_log "
            "where query_id = {id:String} and type = 'QueryFinish'",
            parameters={"id": query_id},
        ).result_rows
        if rows:
            return rows[0]
        time.sleep(0.5)
    raise SystemExit(f"query {query_id} is in no log")


def outside(engine: str, question: str, file: Path, *, events: int) -> Result:
    """A process of its own; ended when it has had its time."""
    name = f"{question} in {'DuckDB' if engine == 'duckdb' else 'Polars'}"
    program = [sys.executable, str(Path(__file__).with_name("outside.py")), engine, question, str(file)]
    began = time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(program, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        timer = threading.Timer(OUTSIDE_SECONDS, os.kill, (process.pid, signal.SIGKILL))
        timer.start()
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        errors.seek(0)
        said = [line for line in errors.read().splitlines() if "Error" in line]
    seconds, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    if process.returncode != 0:
        failure = f"after {seconds:.0f} s: {said[-1][:120] if said else process.returncode}"
        return Result(name, events, seconds, cpu, failure=failure)
    return Result(name, events, seconds, cpu, **json.loads(printed))
