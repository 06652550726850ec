"""The launcher of runs: Dagster's own, and whether a run's process still lives.

Dagster learns of a run that died from the code server that started it. When that server died too, nobody tells, and
the run would keep its pool until its longest time is over; so run monitoring asks this launcher.
"""

from typing import Any, Self

import psutil
from dagster import DagsterEventType, DagsterRun
from dagster._config import UserConfigSchema
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import ConfigurableClassData, deserialize_value

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class WatchingRunLauncher(DefaultRunLauncher):
    """Named in `dagster.yaml` under `run_launcher`."""

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> Self:
        return cls(inst_data=inst_data)

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """RUNNING also where nothing is known: a code server of another machine that restarts says nothing.

        Such a run ends by its longest time (`dagster/max_runtime`).
        """
        known = self._known_to_its_server(run)
        if known:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if self._is_of_this_machine(run):
            if any(lives(pid, at=at) for pid, at in self._workers(run)):
                return CheckRunHealthResult(WorkerStatus.RUNNING)
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")
        if known is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "its code server does not answer")
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its code server does not know it (any more)")

    def _known_to_its_server(self, run: DagsterRun) -> bool | None:
        """None when the server does not answer."""
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        if client is None:
            return None
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=5)
        except DagsterUserCodeUnreachableError:
            return None
        return deserialize_value(answer, CanCancelExecutionResult).can_cancel

    def _is_of_this_machine(self, run: DagsterRun) -> bool:
        server = run.tags.get(GRPC_INFO_TAG, "")
        return '"socket"' in server or any(f'"host": "{host}"' in server for host in LOCAL_HOSTS)

    def _workers(self, run: DagsterRun) -> list[tuple[int, float]]:
        """The pids that said that they were starting the run, and when."""
        logs = self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)
        return [
            (int(str(log.dagster_event.engine_event_data.metadata["pid"].value)), log.timestamp)
            for log in logs
            if log.dagster_event and (log.dagster_event.message or "").startswith("Started process for run")
        ]


def lives(pid: int, *, at: float) -> bool:
    """Whether the process that had the pid at that time still runs: a pid alone is handed out again."""
    try:
        process = psutil.Process(pid)
        return process.create_time() <= at and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
