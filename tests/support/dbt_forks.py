"""A process that runs dbt over and over: it parses once, and forks for each run, so that a run can be killed alone.

Reads one JSON object a line, `{"args": [...], "kill_at": n, "kill_after": seconds, "victim": pid, "stop_at": pattern}`,
and answers with one. `kill_at` counts the statements of the run: as that one is sent, or so much later, the run gets
SIGKILL, or the victim does where there is one.
Before the first statement that the regular expression `stop_at` matches it gets SIGSTOP. The first answer names the
models. `--vars` and the environment are those of the start. What was compiled is part of the answer.
"""

import json
import os
import re
import signal
import sys
import threading
import time
import traceback
from typing import Any

from dbt.cli.main import dbtRunner

from orchestration.lib.warm_dbt_process import manifest_for_forks

ANSWERS = os.fdopen(os.dup(1), "w")


def main() -> None:
    # dbt prints what it likes; only answers go where the harness reads.
    os.dup2(2, 1)
    manifest = manifest_for_forks("--quiet", *sys.argv[1:])
    answer(models=[
        {"name": node.name, "schema": node.schema, "alias": node.alias, "materialized": node.config.materialized}
        for node in manifest.nodes.values()
        if node.resource_type == "model"
    ])  # fmt: skip
    for line in sys.stdin:
        answer(**run(manifest, json.loads(line)))


def answer(**values: Any) -> None:
    print(json.dumps(values), file=ANSWERS, flush=True)


def run(manifest: Any, order: dict[str, Any]) -> dict[str, Any]:
    """Run dbt in a child. Its failures, the number of its statements, or that it was killed."""
    reading, writing = os.pipe()
    began, child = time.monotonic(), os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            code = work(manifest, order, writing)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    is_killed = os.WIFSIGNALED(status)
    outcome = json.loads(said) if said and not is_killed else {"failures": [], "statements": 0}
    if not said and not is_killed:
        outcome["failures"] = ["dbt said nothing"]
    return outcome | {"is_killed": is_killed, "seconds": time.monotonic() - began}


def work(manifest: Any, order: dict[str, Any], writing: int) -> int:
    victim = order.get("victim") or os.getpid()
    counter = Counter(order.get("kill_at"), order.get("kill_after", 0), victim, order.get("stop_at"))
    done = dbtRunner(manifest=manifest, callbacks=[counter.see]).invoke([*order["args"], *sys.argv[1:]])
    results = getattr(done.result, "results", None) or []
    failures = [
        f"{result.node.name}: {result.message}"
        for result in results
        if str(result.status) not in ("success", "pass", "skipped", "no-op")
    ]
    if not done.success and not failures:
        failures = [str(done.exception)]
    outcome = {"failures": failures, "statements": counter.count}
    if order["args"][0] == "compile":
        outcome["compiled"] = "".join(result.node.compiled_code for result in results)
    # More than a pipe holds, perhaps.
    with os.fdopen(writing, "w") as told:
        json.dump(outcome, told)
    return 0


class Counter:
    """Counts the statements that dbt sends, and kills the victim or stops this process at the one that is asked for."""

    def __init__(self, kill_at: int | None, kill_after: float, victim: int, stop_at: str | None) -> None:
        self.count = 0
        self._kill_at, self._kill_after, self._victim, self._stop_at = kill_at, kill_after, victim, stop_at
        self._lock = threading.Lock()

    def see(self, event: Any) -> None:
        # What the adapter logs as it sends a statement.
        if event.info.name != "AdapterEventDebug" or "adapter: On " not in event.info.msg:
            return
        with self._lock:
            self.count += 1
            if self._stop_at and re.search(self._stop_at, event.info.msg):
                self._stop_at = None
                # To this thread: sent to the process, another one may take it while this one goes on and sends.
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
            if self.count != self._kill_at:
                return
        if self._kill_after:
            threading.Timer(self._kill_after, self._kill).start()
        else:
            self._kill()

    def _kill(self) -> None:
        os.kill(self._victim, signal.SIGKILL)


if __name__ == "__main__":
    main()
