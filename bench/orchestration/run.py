"""What running costs: from a tick to the first query of the minute-fresh models, what the services take when idle, and
how long a record takes from its producer to the minute-fresh marts.

    .venv/bin/python bench/orchestration/run.py [ticks] [records]

Starts the deployment of `deploy/` on engines of its own. Times on a machine that does nothing else.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import dagster as dg
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.orchestration.chaos.operator import Operator, instance_of
from tests.orchestration.chaos.trial import Ground, ground
from tests.support.clickhouse import connect
from tests.support.deployment import UNITS, Deployment, Unit
from tests.support.topics import produce

IDLE_SECONDS = 60
SCHEDULE, SENSOR = "models_minute_schedule", "models_on_landing"
# Not in step with anything that ticks.
PAUSE_SECONDS = 7.3
SEEN_WITHIN_SECONDS = 300


def main(ticks: int = 5, records: int = 20) -> None:
    folder = Path(tempfile.mkdtemp(prefix="throughline-bench-", dir="/tmp"))
    with ground(folder, UNITS) as here, instance_of(here.deployment) as instance:
        operator = Operator(here.deployment, instance, Random(1))
        while not operator.launch("load"):
            time.sleep(1)
        operator.settle(seconds=600)
        # One run to make the tables, and to have read everything once.
        operator.succeed("models_minute", seconds=600)
        print(*idle(here.deployment), sep="\n")
        operator.turn_on(SCHEDULE)
        time.sleep(60 * ticks + 5)
        operator.turn_off(SCHEDULE)
        operator.settle(seconds=600)
        print(*phases(here, instance), sep="\n")
        print(from_produce_to_marts(here, operator, records))


def from_produce_to_marts(here: Ground, operator: Operator, records: int) -> str:
    """Seconds from producing a record to its row in `fct_events`: a loader follows, the sensor builds on landing."""
    environment = {**os.environ, **here.killed.as_environment()}
    loader = subprocess.Popen(
        [Path(sys.executable).with_name("throughline"), "load", "--follow"], env=environment, stdout=subprocess.DEVNULL
    )
    operator.watch(SENSOR)
    produced: dict[str, float] = {}
    seen: dict[str, float] = {}
    deadline = time.time() + records * PAUSE_SECONDS + SEEN_WITHIN_SECONDS
    with connect(here.killed, "bi") as client:
        while len(seen) < records and time.time() < deadline:
            number = len(produced)
            if number < records and time.time() - max(produced.values(), default=0) > PAUSE_SECONDS:
                value = {
                    "event_id": f"timed {number}", "event": "view_item", "device_id": "timed",
                    "timestamp": datetime.now(UTC).isoformat(),
                }  # fmt: skip
                produced[value["event_id"]] = time.time()
                produce(here.killed, "events", [json.dumps(value).encode()])
            rows = client.query(
                f"select event_id from {here.killed.marts_database}.fct_events where device_id = 'timed'"
            ).result_rows
            for (name,) in rows:
                seen.setdefault(name, time.time())
            time.sleep(0.5)
    operator.unwatch(SENSOR)
    loader.terminate()
    loader.wait()
    took = sorted(seen[name] - moment for name, moment in produced.items() if name in seen)
    return (
        f"produce to fct_events, loader following and {SENSOR}: {len(took)} of {records} records, median"
        f" {statistics.median(took):.0f} s, {took[0]:.0f} to {took[-1]:.0f} s"
    )


def idle(deployment: Deployment) -> Iterator[str]:
    """CPU of each service while all schedules are off, in percent of a core."""
    used = {name: _cpu(unit) for name, unit in deployment.units.items()}
    time.sleep(IDLE_SECONDS)
    for name, unit in deployment.units.items():
        memory = sum(process.memory_info().rss for process in unit.members()) / 1e6
        # A process that ended meanwhile took its figures along; what it used since cannot be told.
        now = _cpu(unit)
        share = sum(seconds - used[name].get(pid, 0.0) for pid, seconds in now.items()) / IDLE_SECONDS
        yield f"idle {name:<10} {share:6.1%} of a core, {memory:,.0f} MB"


def phases(here: Ground, instance: dg.DagsterInstance) -> Iterator[str]:
    """Medians of the seconds between a tick and each step on the way to the first query of dbt."""
    records = instance.get_run_records(dg.RunsFilter(job_name="models_minute"))
    spent = [
        _seconds(here, instance, record)
        for record in records
        if ".dagster/scheduled_execution_time" in record.dagster_run.tags
    ]
    for phase in spent[0]:
        values = sorted(one[phase] for one in spent)
        spread = f"{values[0]:.1f} to {values[-1]:.1f}, {len(values)} ticks"
        yield f"{phase:<58} {statistics.median(values):5.1f} s ({spread})"


def _seconds(here: Ground, instance: dg.DagsterInstance, record: dg.RunRecord) -> dict[str, float]:
    run = record.dagster_run
    ticked = datetime.fromisoformat(run.tags[".dagster/scheduled_execution_time"]).timestamp()
    logs = instance.all_logs(run.run_id)
    started = next(log.timestamp for log in logs if "Started process for run" in log.message)
    launched = next(log.timestamp for log in logs if log.dagster_event_type == dg.DagsterEventType.RUN_STARTING)
    step = next(log.timestamp for log in logs if log.dagster_event_type == dg.DagsterEventType.STEP_START)
    first = _first_query(here, after=step)
    return {
        "tick to run (the daemon looks, asks the schedule)": record.create_timestamp.replace(tzinfo=UTC).timestamp()
        - ticked,
        "run to launch (the queue)": launched - record.create_timestamp.replace(tzinfo=UTC).timestamp(),
        "launch to process (imports, the graph)": started - launched,
        "process to step (the plan, the lock)": step - started,
        "step to first query (dbt starts, reads the parsed project)": first - step,
        "tick to first query": first - ticked,
    }


def _first_query(here: Ground, *, after: float) -> float:
    with connect(here.killed, "admin") as client:
        client.command("system flush logs")
        return float(
            client.command(  # type: ignore[arg-type]
                "select toUnixTimestamp64Micro(min(query_start_time_microseconds)) / 1e6 from system.query_log "
                f"where user = 'dbt' and query like '%\"app\": \"dbt\"%' and query_start_time_microseconds > "
                f"fromUnixTimestamp64Micro({int(after * 1e6)})"
            )
        )


def _cpu(unit: Unit) -> dict[int, float]:
    """CPU-seconds of each process of a service."""
    found: dict[int, float] = {}
    for process in unit.members():
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            found[process.pid] = times.user + times.system
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
