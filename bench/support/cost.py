"""What work costs ClickHouse: CPU by model from its own logs, and by its process, which also merges and mutates."""

import re
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil
from clickhouse_connect.driver.client import Client

CPU = "ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']"


@dataclass(frozen=True)
class Cost:
    """CPU in seconds. `cpu` is of the whole server: `by_model` its queries, the rest merges, mutations and itself."""

    seconds: float
    cpu: float
    by_model: dict[str, float] = field(default_factory=dict)
    seconds_by_model: dict[str, float] = field(default_factory=dict)
    background_cpu: float = 0
    dbt_cpu: float = 0
    statements: int = 0
    read_rows: int = 0
    peak_query_mb: float = 0
    peak_mb: float = 0

    @property
    def queries_cpu(self) -> float:
        return sum(self.by_model.values())


def measured(client: Client, server: psutil.Process, work: Callable[[], float]) -> Cost:
    """Do the work, which tells the CPU-seconds of the client, and wait until merges have caught up."""
    began_at = client.query("select now64(6)").first_row[0]
    before, began = cpu_of(server), time.monotonic()
    with _Peak(server) as peak:
        dbt_cpu = work()
        seconds = time.monotonic() - began
        while client.query("select count() from system.merges").first_row[0]:
            time.sleep(0.2)
    after = cpu_of(server)
    client.command("system flush logs")
    rows = client.query(
        f"select query, {CPU} as cpu, memory_usage, query_duration_ms, read_rows from system.query_log"
        " where type != 'QueryStart' and user = 'dbt' and event_time_microseconds >= {since:DateTime64(6)}",
        parameters={"since": began_at},
    ).result_rows
    by_model: dict[str, float] = {}
    seconds_by_model: dict[str, float] = {}
    for query, cpu, _, milliseconds, _ in rows:
        named = re.search(r'"node": "([^"]*)"', query)
        name = (named[1] if named else "dbt itself").removeprefix("model.throughline.")
        by_model[name] = by_model.get(name, 0) + cpu / 1e6
        seconds_by_model[name] = seconds_by_model.get(name, 0) + milliseconds / 1e3
    background = client.query(
        f"select sum({CPU}) from system.part_log where event_type in ('MergeParts', 'MutatePart')"
        " and event_time_microseconds >= {since:DateTime64(6)}",
        parameters={"since": began_at},
    ).first_row[0]
    return Cost(
        seconds, after - before, by_model, seconds_by_model, (background or 0) / 1e6, dbt_cpu, len(rows),
        sum(row[4] for row in rows),
        max((row[2] for row in rows), default=0) / 1e6, peak.megabytes,
    )  # fmt: skip


def query_cost(client: Client, sql: str, *, rounds: int = 3) -> float:
    """CPU-seconds of a query's best round."""
    return query_cost_and_seconds(client, sql, rounds=rounds)[0]


def query_cost_and_seconds(client: Client, sql: str, *, rounds: int = 3) -> tuple[float, float]:
    """CPU-seconds and seconds of a query, each of its best round."""
    [rounded] = by_turns(client, sql, rounds=rounds)
    cpu, seconds = zip(*rounded, strict=True)
    return min(cpu), min(seconds)


def by_turns(client: Client, *queries: str, rounds: int) -> list[list[tuple[float, float]]]:
    """CPU-seconds and seconds of each round of each query. They are asked by turns: hours differ, and so do minutes."""
    found: list[list[tuple[float, float]]] = [[] for _ in queries]
    for _ in range(rounds):
        for query, costs in zip(queries, found, strict=True):
            query_id = client.query(query, settings={"use_query_cache": 0, "use_query_condition_cache": 0}).query_id
            costs.append(_logged_cost(client, query_id))
    return found


def _logged_cost(client: Client, query_id: str) -> tuple[float, float]:
    """What the log says of a query: on a busy server it is written some time after the answer."""
    for _ in range(60):
        client.command("system flush logs query_log")
        rows = client.query(
            f"select ({CPU}) / 1e6, query_duration_ms / 1e3 from system.query_log"
            " where query_id = {id:String} and type = 'QueryFinish'",
            parameters={"id": query_id},
        ).result_rows
        if rows:
            return rows[0][0], rows[0][1]
        time.sleep(0.5)
    raise SystemExit(f"the log of queries says nothing of {query_id} after half a minute")


def run_and_time(command: list[str], environment: dict[str, str], folder: str) -> float:
    """Run a program; the CPU-seconds it took. Raises with its output where it fails."""
    began = _children_cpu()
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return _children_cpu() - began


def _children_cpu() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


class _Peak:
    """The largest resident size of a process while this is open."""

    def __init__(self, process: psutil.Process) -> None:
        self.megabytes = 0.0
        self._process, self._ended = process, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "_Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            self.megabytes = max(self.megabytes, self._process.memory_info().rss / 1e6)
