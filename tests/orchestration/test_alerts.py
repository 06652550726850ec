"""Who is told what, and how often: pure, on an ephemeral instance, and by real receivers of a webhook and of mail."""

import json
import logging
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import dagster as dg
import pytest
from aiosmtpd.controller import Controller
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG
from dagster._time import get_current_timestamp

from loaders.errors import ThroughlineError
from local.stack.ports import LOOPBACK, free_port
from orchestration.defs.alerts.sensor import alerts
from orchestration.lib.alerts.incidents import Seen, changes


@pytest.mark.parametrize(
    ("known", "seen", "began", "ended"),
    [
        pytest.param({}, Seen({"a": "!"}), ["a"], [], id="an incident that begins is told"),
        pytest.param({"a": "!"}, Seen({"a": "other words"}), [], [], id="one that goes on is no news"),
        pytest.param({"a": "!"}, Seen(), [], ["a"], id="one that is over is told"),
        pytest.param({"a": "!"}, Seen({}, {"a"}), [], [], id="one that is being looked at is not over"),
        pytest.param({"a": "!"}, Seen({"b": "!"}), ["b"], ["a"], id="one goes, another comes"),
    ],
)
def test_only_what_begins_and_what_ends_is_news(
    known: dict[str, str], seen: Seen, began: list[str], ended: list[str]
) -> None:
    news = changes(known, seen)
    assert (list(news.began), list(news.ended)) == (began, ended)


class Receiver:
    """A webhook's server and a mail server that keep what they get. `broken` makes the webhook answer 500."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.mails: list[str] = []
        self.broken = False
        self.smtp = Controller(self, hostname=LOOPBACK, port=free_port())
        self.http = HTTPServer((LOOPBACK, 0), self._handler())

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self.mails.append(envelope.content.decode())
        return "250 OK"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                post = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if not receiver.broken:
                    receiver.posts.append(post)
                self.send_response(500 if receiver.broken else 200)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        return Handler


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    mine = Receiver()
    mine.smtp.start()
    threading.Thread(target=mine.http.serve_forever, daemon=True).start()
    mail = f"mailto://{LOOPBACK}:{mine.smtp.port}?from=throughline@example.org&to=ada@example.org&mode=insecure"
    monkeypatch.setenv("THROUGHLINE_ALERTS", f"json://{LOOPBACK}:{mine.http.server_port}/hook {mail}")
    try:
        yield mine
    finally:
        mine.http.shutdown()
        mine.smtp.stop()


@dg.asset
def numbers() -> None: ...


@dg.asset_check(asset=numbers)
def positive() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=STATE["positive"], description="-3 is not")


@dg.op
def fails() -> None:
    if not STATE["works"]:
        raise ThroughlineError("no such table") from ValueError("asked with the key of the safe")


@dg.job
def work() -> None:
    fails()


@dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-01-01"), backfill_policy=dg.BackfillPolicy.single_run())
def daily() -> None:
    if not STATE["works"]:
        raise ValueError("no such day")


by_day = dg.define_asset_job("by_day", dg.AssetSelection.assets(daily))

STATE = {"positive": True, "works": True}
DEFINITIONS = dg.Definitions([numbers, daily], asset_checks=[positive], jobs=[work, by_day], sensors=[alerts])


class Ticks:
    """Ticks of the sensor, each with the cursor that the last one left."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor = instance, ""

    def tick(self) -> str:
        repository = DEFINITIONS.get_repository_def()
        context = dg.build_sensor_context(self.instance, cursor=self.cursor, repository_def=repository)
        result = alerts.evaluate_tick(context)
        self.cursor = result.cursor or ""
        return result.skip_message or ""

    def run(self, job: str = "work", **more: Any) -> None:
        DEFINITIONS.resolve_job_def(job).execute_in_process(instance=self.instance, raise_on_error=False, **more)

    def run_days(self, first: str, last: str, *, works: bool) -> None:
        """A run of a backfill."""
        STATE["works"] = works
        tags = {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}
        self.run("by_day", tags=tags)


@pytest.fixture
def ticks(instance: dg.DagsterInstance) -> Ticks:
    STATE.update(positive=True, works=True)
    return Ticks(instance)


def test_a_failed_job_is_told_once_to_log_webhook_and_mail_and_so_is_its_recovery(
    ticks: Ticks, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    STATE["works"] = False
    with caplog.at_level(logging.WARNING, "throughline.alerts"):
        ticks.run()
        ticks.tick()
        ticks.run()
        ticks.tick()
        assert [post["title"] for post in receiver.posts] == ["Throughline: job work failed"]
        assert "no such table" in receiver.posts[0]["message"]
        assert "the safe" not in receiver.posts[0]["message"]
        assert len(receiver.mails) == 1
        assert "Subject: Throughline: job work failed" in receiver.mails[0]
        STATE["works"] = True
        ticks.run()
        ticks.tick()
        ticks.tick()
    assert [post["title"] for post in receiver.posts[1:]] == ["Throughline: over: job work failed"]
    assert len(receiver.mails) == 2
    logged = [record.message for record in caplog.records if record.name == "throughline.alerts"]
    assert len(logged) == 2
    assert logged[0].startswith("began: job work failed")
    assert logged[1] == "over: job work failed"


def test_a_red_check_is_one_incident_however_often_it_runs(ticks: Ticks, receiver: Receiver) -> None:
    STATE["positive"] = False
    for _ in range(3):
        ticks.run("__ASSET_JOB", asset_selection=[numbers.key])
        ticks.tick()
    STATE["positive"] = True
    ticks.run("__ASSET_JOB", asset_selection=[numbers.key])
    assert ticks.tick() == "All is well."
    titles = [post["title"] for post in receiver.posts]
    assert titles == [
        "Throughline: check positive of numbers is red",
        "Throughline: over: check positive of numbers is red",
    ]


def test_days_that_failed_are_not_over_because_others_were_built(ticks: Ticks, receiver: Receiver) -> None:
    ticks.run_days("2026-01-01", "2026-01-07", works=False)
    ticks.run_days("2026-01-08", "2026-01-14", works=True)
    ticks.tick()
    ticks.run_days("2026-01-02", "2026-01-07", works=True)
    assert ticks.tick() == "1 incidents: job by_day failed for 2026-01-01 to 2026-01-07"
    ticks.run_days("2026-01-01", "2026-01-01", works=True)
    assert ticks.tick() == "All is well."
    titles = [post["title"] for post in receiver.posts]
    incident = "job by_day failed for 2026-01-01 to 2026-01-07"
    assert titles == [f"Throughline: {incident}", f"Throughline: over: {incident}"]


def test_late_assets_of_one_folder_are_one_incident(ticks: Ticks, receiver: Receiver) -> None:
    def becomes(state: FreshnessState, previous: FreshnessState) -> None:
        change = FreshnessStateChange(
            key=numbers.key, new_state=state, previous_state=previous, state_change_timestamp=get_current_timestamp()
        )
        ticks.instance._report_runless_asset_event(change)

    becomes(FreshnessState.FAIL, FreshnessState.PASS)
    ticks.tick()
    ticks.tick()
    becomes(FreshnessState.PASS, FreshnessState.FAIL)
    ticks.tick()
    titles = [post["title"] for post in receiver.posts]
    assert titles == ["Throughline: numbers is late", "Throughline: over: numbers is late"]


def test_a_channel_that_is_down_is_told_later_and_the_others_are_not_told_twice(
    ticks: Ticks, receiver: Receiver
) -> None:
    STATE["works"] = False
    ticks.run()
    receiver.broken = True
    ticks.tick()
    assert (len(receiver.posts), len(receiver.mails)) == (0, 1)
    receiver.broken = False
    ticks.tick()
    assert (len(receiver.posts), len(receiver.mails)) == (1, 1)


@pytest.mark.parametrize("url", ["nonsense://user:secret@host", "secret"])
def test_a_url_that_means_nothing_is_an_incident_that_the_others_tell_without_its_secrets(
    url: str, ticks: Ticks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good = os.environ["THROUGHLINE_ALERTS"]
    monkeypatch.setenv("THROUGHLINE_ALERTS", f"{url} {good}")
    ticks.tick()
    assert [post["title"] for post in receiver.posts] == ["Throughline: URL no. 1 of THROUGHLINE_ALERTS is wrong"]
    assert len(receiver.mails) == 1
    told = (*(str(post) for post in receiver.posts), *receiver.mails, caplog.text, ticks.cursor)
    assert [text for text in told if "secret" in text] == []
