"""The local stack as it should be: what runs, who may do what, and where passwords are."""

import stat
from pathlib import Path

import psutil
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from loaders.settings import Settings
from local.stack import Stack
from tests.support.clickhouse import connect
from tests.support.command_line import failure, throughline

ACCESS_DENIED = 497


@pytest.fixture
def mart(clickhouse: Client, settings: Settings) -> str:
    """A small table in the test's marts, and one in its raw."""
    for database in (settings.raw_database, settings.marts_database):
        clickhouse.command(f"CREATE TABLE {database}.numbers ENGINE = MergeTree ORDER BY n AS SELECT 1 AS n")
    return f"{settings.marts_database}.numbers"


def test_up_again_changes_nothing(stack: Stack) -> None:
    before = [(row.service, row.state, row.pid, row.url) for row in stack.status()]
    stack.up()
    assert [(row.service, row.state, row.pid, row.url) for row in stack.status()] == before
    assert [state for _, state, _, _ in before] == ["running", "running", "stopped"]


def test_status_shows_what_runs(stack: Stack) -> None:
    done = throughline(stack.folder, "status")
    assert done.returncode == 0
    for row in stack.status()[:2]:
        assert all(text in done.stdout for text in (row.service, row.state, str(row.pid), row.url))


def test_status_of_nothing_fails_and_makes_nothing(tmp_path: Path) -> None:
    done = throughline(tmp_path / "none", "status")
    assert done.returncode == 1
    assert "stopped" in done.stdout
    assert not (tmp_path / "none").exists()


def test_env_reaches_the_stack_from_a_shell(stack: Stack) -> None:
    done = throughline(stack.folder, "env")
    assert f"export CLICKHOUSE_URL={stack.settings().clickhouse_url}" in done.stdout
    assert f"export KAFKA_BOOTSTRAP={stack.settings().kafka_bootstrap}" in done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("INSERT INTO {mart} VALUES (2)", id="insert"),
        pytest.param("DROP TABLE {mart}", id="drop"),
        pytest.param("CREATE TABLE {marts}.more (n UInt8) ENGINE = Memory", id="create"),
        pytest.param("SELECT * FROM {raw}.numbers", id="read raw"),
        pytest.param("SELECT * FROM system.query_log", id="read others' queries"),
        pytest.param("SELECT * FROM url('http://127.0.0.1/', 'RawBLOB', 'text String')", id="reach out"),
        pytest.param("SELECT * FROM file('/etc/passwd', 'LineAsString')", id="read files"),
    ],
)
def test_bi_reads_marts_and_does_nothing_else(mart: str, settings: Settings, statement: str) -> None:
    with connect(settings, "bi") as bi:
        assert bi.query(f"SELECT n FROM {mart}").result_rows == [(1,)]
        with pytest.raises(DatabaseError) as refused:
            bi.command(statement.format(mart=mart, marts=settings.marts_database, raw=settings.raw_database))
    assert refused.value.code in (ACCESS_DENIED, 164)  # 164: a read-only user


@pytest.mark.parametrize(
    "setting", ["max_memory_usage = 10000000000", "max_memory_usage = 0", "max_execution_time = 0", "readonly = 0"]
)
def test_bi_cannot_lift_its_limits(settings: Settings, setting: str) -> None:
    with connect(settings, "bi") as bi, pytest.raises(DatabaseError, match=r"shouldn't be|Cannot modify"):
        bi.command(f"SELECT 1 SETTINGS {setting}")


def test_dbt_reads_raw_and_writes_its_own(mart: str, settings: Settings) -> None:
    raw, staging, marts = settings.raw_database, settings.staging_database, settings.marts_database
    with connect(settings, "dbt") as dbt:
        dbt.command(f"CREATE TABLE {staging}.copy ENGINE = MergeTree ORDER BY n AS SELECT n FROM {raw}.numbers")
        dbt.command(f"CREATE VIEW {marts}.shown AS SELECT n FROM {staging}.copy")
        dbt.command(f"EXCHANGE TABLES {staging}.copy AND {mart}")
        assert dbt.query(f"SELECT n FROM {marts}.shown").result_rows == [(1,)]
        with pytest.raises(DatabaseError) as refused:
            dbt.command(f"INSERT INTO {raw}.numbers VALUES (2)")
    assert refused.value.code == ACCESS_DENIED


def test_the_loader_writes_raw_alone(mart: str, settings: Settings) -> None:
    with connect(settings, "loader") as loader:
        loader.command(f"INSERT INTO {settings.raw_database}.numbers VALUES (2)")
        with pytest.raises(DatabaseError) as refused:
            loader.command(f"SELECT n FROM {mart}")
    assert refused.value.code == ACCESS_DENIED


def test_who_has_no_password_sees_nothing(mart: str, settings: Settings) -> None:
    """The engine logs itself in as `default`, which anyone on the machine can: it must be of no use."""
    with connect(settings, "default") as stranger, pytest.raises(DatabaseError) as refused:
        stranger.command(f"SELECT n FROM {mart}")
    assert refused.value.code == ACCESS_DENIED


def test_passwords_stand_in_stack_env_alone(stack: Stack) -> None:
    passwords = [value for name, value in _assignments(stack.env_file) if name.endswith("_PASSWORD")]
    assert len(set(passwords)) == 4
    assert stat.S_IMODE(stack.env_file.stat().st_mode) == 0o600

    names = ("*.log", "*.xml", "*.json", "*.properties")
    texts = [file.read_text(errors="replace") for name in names for file in stack.folder.glob(f"*/{name}")]
    for row in stack.status()[:2]:
        process = psutil.Process(row.pid)
        texts += [" ".join(process.cmdline()), str(process.environ())]
    texts += [throughline(stack.folder, command).stdout for command in ("up", "status", "logs")]
    assert len(texts) > 8
    assert not [text for text in texts for password in passwords if password in text]


def test_an_engine_that_the_environment_names_is_not_started(stack: Stack, tmp_path: Path) -> None:
    environment = dict(_assignments(stack.env_file))
    up = throughline(tmp_path, "up", environment=environment)
    assert up.returncode == 0, up.stderr
    assert up.stdout.count("outside") == 2
    assert not (tmp_path / "clickhouse").exists()


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        pytest.param("CLICKHOUSE_URL", "http://127.0.0.1:9", id="clickhouse"),
        pytest.param("KAFKA_BOOTSTRAP", "127.0.0.1:9", id="kafka"),
    ],
)
def test_an_outside_engine_that_does_not_answer_is_named(
    stack: Stack, tmp_path: Path, variable: str, address: str
) -> None:
    environment = {**dict(_assignments(stack.env_file)), variable: address}
    assert address in failure(throughline(tmp_path, "up", environment=environment))


def _assignments(file: Path) -> list[tuple[str, str]]:
    pairs = [line.split("=", 1) for line in file.read_text().splitlines()]
    return [(name, value) for name, value in pairs]
