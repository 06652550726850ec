"""What is killed, and how it is found: one process each time, by SIGKILL."""

import time
from collections.abc import Callable
from random import Random

import psutil

from local.stack import Stack
from tests.support.deployment import Deployment
from tests.support.processes import command_of

# How often each is chosen: what works on the warehouse more often than what only starts it.
KINDS = {"run worker": 6, "dbt": 6, "ClickHouse": 3, "daemon": 2, "code server": 3}


def draw(random: Random, count: int) -> list[str]:
    """A schedule of kills. Each kind comes once before any comes by chance, where there are as many."""
    first = random.sample(list(KINDS), len(KINDS))[:count]
    rest = random.choices(list(KINDS), list(KINDS.values()), k=count - len(first))
    return random.sample(first + rest, count)


def kill(kind: str, deployment: Deployment, stack: Stack, *, patience_seconds: float) -> bool:
    """Kill one of the kind, waiting until there is one. False when none came."""
    if kind == "ClickHouse":
        stack.kill("clickhouse")
        # As a supervisor does, at once.
        stack.up(kafka=False)
        return True
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline:
        victim = _find(kind, deployment)
        if victim is not None:
            victim.kill()
            return True
        time.sleep(0.2)
    return False


def _find(kind: str, deployment: Deployment) -> psutil.Process | None:
    if kind == "daemon":
        # One of the two, in turn: the younger one is started last.
        daemons = [deployment.units[name].main() for name in ("daemon", "daemon-2")]
        return min((one for one in daemons if one), key=psutil.Process.create_time, default=None)
    if kind == "code server":
        return deployment.units["code"].main()
    named: dict[str, Callable[[str], bool]] = {
        "run worker": lambda command: "spawn_main" in command,
        "dbt": lambda command: "throughline-dbt" in command,
    }
    return next((one for one in deployment.units["code"].members() if named[kind](" ".join(command_of(one)))), None)
