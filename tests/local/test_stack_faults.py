"""The local stack when something is wrong: nothing is lost, and what is wrong is said in one line."""

import json
import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from loaders.settings import Settings
from local.stack import Stack
from local.stack.clickhouse_http import ClickHouseHttp
from local.stack.errors import NotStartedError
from local.stack.kafka import Kafka
from local.stack.logs import explain
from local.stack.process import lives
from tests.support.command_line import failure, throughline


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that was filled and stopped: 1,000 rows in ClickHouse, 1,000 records in Kafka. To be copied."""
    stack = Stack(tmp_path_factory.mktemp("filled"))
    try:
        settings = stack.up()
        sql(stack, settings, "CREATE TABLE raw.kept ENGINE = MergeTree ORDER BY number AS SELECT * FROM numbers(1000)")
        KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap).create_topics([NewTopic("kept", 1, 1)])
        produce(settings, 1000)
        stack.down()
        yield stack
    finally:
        stack.kill_all()


@pytest.fixture
def copied(filled: Stack, tmp_path: Path) -> Iterator[Stack]:
    """A stopped stack of the test's own, with other ports."""
    folder = tmp_path / "stack"
    shutil.copytree(filled.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("ports.json"))
    stack = Stack(folder)
    try:
        yield stack
    finally:
        stack.kill_all()


def test_neither_down_nor_kill_9_loses_anything(copied: Stack) -> None:
    settings = copied.up()
    assert sql(copied, settings, "SELECT count() FROM raw.kept") == "1000\n"
    assert end_offset(settings) == 1000
    sql(copied, settings, "INSERT INTO raw.kept SELECT number FROM numbers(1000, 500)")
    produce(settings, 500)
    for service in ("clickhouse", "kafka"):
        copied.kill(service)
    assert [row.state for row in copied.status()] == ["stopped"] * 3

    again = copied.up()
    assert again == settings
    assert sql(copied, again, "SELECT uniqExact(number), count() FROM raw.kept") == "1500\t1500\n"
    assert end_offset(again) == 1500


def test_down_stops_what_runs_and_no_more(copied: Stack) -> None:
    copied.up(kafka=False)
    running = psutil.Process(copied.status()[0].pid)
    assert throughline(copied.folder, "down").stdout == "stopped clickhouse\n"
    assert not lives(running)
    assert throughline(copied.folder, "down").stdout == "nothing was running\n"


def test_a_recycled_pid_is_never_killed(copied: Stack) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        record = copied.folder / "kafka" / "process.json"
        record.write_text(json.dumps({"pid": stranger.pid, "started": "another boot:1"}))
        copied.kill("kafka")
        assert copied.down() == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_folder_that_another_process_has_open_is_left_alone(copied: Stack) -> None:
    copied.up(kafka=False)
    pid = copied.status()[0].pid
    (copied.folder / "clickhouse" / "process.json").unlink()
    try:
        line = failure(throughline(copied.folder, "up"))
        assert "belongs to another running process" in line
        assert str(pid) in line
    finally:
        psutil.Process(pid).kill()


@pytest.mark.parametrize("service", ["clickhouse", "kafka"])
def test_a_preset_port_that_is_taken_is_named(stack: Stack, tmp_path: Path, service: str) -> None:
    variable = f"THROUGHLINE_{service.upper()}_PORT"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        # The other engine is the session's, so that the test need not start it.
        outside = {"CLICKHOUSE_URL": stack.settings().clickhouse_url} if service == "kafka" else {}
        line = failure(throughline(tmp_path, "up", environment={**credentials(stack), **outside, variable: port}))
    assert f"port {port} of {variable} is taken" in line


def test_a_remembered_port_that_was_taken_meanwhile_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "ports.json").write_text(json.dumps({"clickhouse": port}))
        line = failure(throughline(tmp_path, "up"))
    assert f"port {port}, which clickhouse had before" in line


def test_a_wrong_password_is_named(stack: Stack) -> None:
    line = failure(throughline(stack.folder, "up", environment={"CLICKHOUSE_DBT_PASSWORD": "not it"}))
    assert "wrong password" in line
    assert "user dbt" in line


@pytest.mark.parametrize(
    ("pattern", "damage"),
    [
        pytest.param("data.bin", lambda content: b"XXXX" + content[4:], id="changed bytes"),
        pytest.param("data.bin", lambda content: content[:100], id="a short file"),
        pytest.param("checksums.txt", lambda content: b"garbage", id="checksums"),
        pytest.param("kept.sql", lambda content: b"garbage", id="definition of a table"),
    ],
)
def test_damaged_data_of_clickhouse_is_named(copied: Stack, pattern: str, damage: Callable[[bytes], bytes]) -> None:
    file = next(
        file
        for file in (copied.folder / "clickhouse" / "data" / "store").rglob(pattern)
        if file.name == "kept.sql" or b"number" in (file.parent / "columns.txt").read_bytes()
    )
    file.write_bytes(damage(file.read_bytes()))
    line = failure(throughline(copied.folder, "up"))
    assert "corrupt data" in line or "damaged data" in line
    assert copied.status()[0].state == "stopped"


def test_a_full_disk_is_named_before_anything_starts(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).returncode != 0:
        pytest.skip("only root may mount a small disk; the next test fills one by a limit")
    try:
        assert "disk full" in failure(throughline(disk / "stack", "up"))
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_disk_that_fills_while_an_engine_starts_is_named(tmp_path: Path) -> None:
    limited = (
        "import os, resource, sys;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    line = failure(throughline(tmp_path, "up", under=(sys.executable, "-c", limited)))
    Stack(tmp_path).kill_all()
    assert "cannot write" in line


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot write" in failure(throughline(tmp_path / "file" / "stack", "up"))


def test_jars_that_cannot_be_fetched_are_named(stack: Stack, tmp_path: Path) -> None:
    environment = {
        **credentials(stack),
        "CLICKHOUSE_URL": stack.settings().clickhouse_url,
        "THROUGHLINE_CACHE_DIR": str(tmp_path / "cache"),
        "HOME": str(tmp_path / "home"),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    line = failure(throughline(tmp_path / "stack", "up", environment=environment))
    assert "Maven Central" in line


def credentials(stack: Stack) -> dict[str, str]:
    """The passwords of a stack, for a command on another folder."""
    lines = stack.env_file.read_text().splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines) if name.endswith("_PASSWORD")}


def sql(stack: Stack, settings: Settings, statement: str) -> str:
    return ClickHouseHttp(settings.clickhouse_url).run(statement, user="admin", password=stack.admin_password())


def produce(settings: Settings, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap, acks="all")
    for number in range(count):
        producer.send("kept", str(number).encode() * 20, partition=0)
    producer.flush()
    producer.close()


def test_a_cluster_id_that_begins_with_a_dash_is_an_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=0xF8 << 120))
    kafka = Kafka(tmp_path)
    try:
        kafka.up()
        assert "cluster.id=-A" in (kafka.folder / "data" / "meta.properties").read_text()
    finally:
        kafka.kill()


def test_what_an_engine_complains_of_its_arguments_is_told(tmp_path: Path) -> None:
    said = "usage: kafka-storage format [-h]\nkafka-storage: error: argument --cluster-id/-t: expected one argument\n"
    told = explain(NotStartedError("no format"), added=said, folder=tmp_path, log=tmp_path / "kafka.log")
    assert "no format (kafka-storage: error: argument --cluster-id/-t: expected one argument; see" in str(told)


def end_offset(settings: Settings) -> int:
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap)
    partition = TopicPartition("kept", 0)
    offset = int(consumer.end_offsets([partition])[partition])
    consumer.close()
    return offset
