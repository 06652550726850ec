"""Somebody who presses the buttons all the time, and watches what becomes of each run."""

import contextlib
import os
import threading
import time
from collections.abc import Collection, Iterator
from random import Random

import dagster as dg
from dagster_graphql import DagsterGraphQLClient, DagsterGraphQLClientError

from local.stack.ports import LOOPBACK
from orchestration.lib.jobs import UNFINISHED
from tests.support.deployment import Deployment

# What is pressed, where a trial ends with this selector: the light one mostly, so that kills find all phases of runs.
MODELS = {
    "nightly": ("models_minute", "models_minute", "models_minute", "models_nightly"),
    "minute": ("models_minute",),
}


@contextlib.contextmanager
def instance_of(deployment: Deployment) -> Iterator[dg.DagsterInstance]:
    """The deployment's own runs, as another process sees them."""
    os.environ["DAGSTER_POSTGRES_URL"] = deployment.environment["DAGSTER_POSTGRES_URL"]
    with dg.DagsterInstance.from_config(str(deployment.home)) as instance:
        yield instance


_LOCATION = {"repositoryLocationName": "throughline", "repositoryName": "__repository__"}
_START_SENSOR = """
mutation ($selector: SensorSelector!) {
  startSensor(sensorSelector: $selector) { __typename ... on PythonError { message } }
}
"""
_STOP_SENSOR = """
mutation ($origin: String!, $selector: String!) {
  stopSensor(jobOriginId: $origin, jobSelectorId: $selector) { __typename ... on PythonError { message } }
}
"""
_START = """
mutation ($selector: ScheduleSelector!) {
  startSchedule(scheduleSelector: $selector) { __typename }
}
"""
_STOP = """
mutation ($origin: String!, $selector: String!) {
  stopRunningSchedule(scheduleOriginId: $origin, scheduleSelectorId: $selector) { __typename }
}
"""


class Operator:
    """Launches the jobs one after the other; now and then one beside itself, which has to be refused."""

    def __init__(
        self, deployment: Deployment, instance: dg.DagsterInstance, random: Random, *, selector: str = "nightly"
    ) -> None:
        self.instance = instance
        self._models = MODELS[selector]
        self._client = DagsterGraphQLClient(LOOPBACK, int(deployment.ports["3000"]))
        self._random = random
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._press, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def turn_on(self, *schedules: str) -> None:
        """Let the daemons tick as well."""
        for schedule in schedules:
            self._client._execute(_START, {"selector": {**_LOCATION, "scheduleName": schedule}})

    def turn_off(self, *schedules: str) -> None:
        self._stop_ticking(_STOP, schedules)

    def watch(self, sensor: str) -> None:
        """Let the daemons evaluate a sensor."""
        self._client._execute(_START_SENSOR, {"selector": {**_LOCATION, "sensorName": sensor}})

    def unwatch(self, sensor: str) -> None:
        self._stop_ticking(_STOP_SENSOR, [sensor])

    def _stop_ticking(self, mutation: str, names: Collection[str]) -> None:
        for state in self.instance.all_instigator_state():
            if state.name in names:
                ids = {"origin": state.instigator_origin_id, "selector": state.selector_id}
                self._client._execute(mutation, ids)

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def unfinished(self, job: str | None = None) -> list[dg.RunRecord]:
        return list(self.instance.get_run_records(dg.RunsFilter(job_name=job, statuses=UNFINISHED)))

    def launch(self, job: str) -> str:
        """The run's id; '' while the pages or the code server cannot."""
        with contextlib.suppress(DagsterGraphQLClientError, OSError):
            return self._client.submit_job_execution(job)
        return ""

    def wait_for_work(self, *, seconds: float) -> None:
        """Until a run does something, so that a kill has something to break."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(record.dagster_run.status == dg.DagsterRunStatus.STARTED for record in self.unfinished()):
                return
            time.sleep(0.5)

    def settle(self, *, seconds: float) -> list[str]:
        """Wait until no run is unfinished. The ids of those that are, after so long."""
        deadline = time.monotonic() + seconds
        while (left := self.unfinished()) and time.monotonic() < deadline:
            time.sleep(1)
        return [record.dagster_run.run_id for record in left]

    def succeed(self, job: str, *, seconds: float) -> bool:
        """Press until it works: what a person does in the end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run_id = self.launch(job)
            self.settle(seconds=seconds)
            run = self.instance.get_run_by_id(run_id) if run_id else None
            if run is not None and run.status == dg.DagsterRunStatus.SUCCESS:
                return True
            time.sleep(3)
        return False

    def _press(self) -> None:
        while not self._over.wait(1):
            for jobs in (("load",), self._models):
                job = self._random.choice(jobs)
                with contextlib.suppress(Exception):
                    if not any(self.unfinished(each) for each in jobs) or self._random.random() < 0.01:
                        self.launch(job)
