"""Where connections come from: the environment, then the local stack's file, then the defaults."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from loaders import confluent_config, kafka_config
from loaders.errors import SettingsError
from loaders.settings import MAX_POLL_SECONDS, PROJECT_DIR, Settings, load_settings


@pytest.fixture
def local_stack_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("THROUGHLINE_LOCAL_DIR", str(tmp_path))
    file = tmp_path / "stack.env"
    file.write_text("CLICKHOUSE_URL=http://127.0.0.1:18123\nCLICKHOUSE_DBT_PASSWORD=from-the-file\n")
    return file


@pytest.mark.usefixtures("local_stack_file")
def test_nothing_set_means_the_local_stack() -> None:
    assert load_settings().clickhouse_url == "http://127.0.0.1:18123"


@pytest.mark.usefixtures("local_stack_file")
def test_the_environment_wins_over_the_local_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICKHOUSE_URL", "https://warehouse.example:8443")

    assert load_settings().clickhouse_url == "https://warehouse.example:8443"


@pytest.mark.usefixtures("local_stack_file")
def test_a_child_process_gets_dbts_password_under_the_name_that_dbt_scrubs() -> None:
    environment = load_settings().as_environment()

    assert environment["DBT_ENV_SECRET_CLICKHOUSE_DBT_PASSWORD"] == "from-the-file"


@pytest.mark.usefixtures("local_stack_file")
def test_a_password_never_shows_in_the_text_of_the_settings() -> None:
    assert "from-the-file" not in f"{load_settings()} {load_settings()!r}"


@pytest.mark.parametrize("seconds", [0, MAX_POLL_SECONDS / 2, MAX_POLL_SECONDS])
def test_an_insert_must_end_before_half_of_the_poll_interval(seconds: float) -> None:
    with pytest.raises(ValidationError, match="throughline_insert_seconds"):
        Settings(throughline_insert_seconds=seconds)

    assert Settings(throughline_insert_seconds=MAX_POLL_SECONDS / 2 - 0.1).throughline_insert_seconds < 150


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        pytest.param("THROUGHLINE_BATCH_ROWS", "many", "='many': Input should be a valid integer", id="no number"),
        pytest.param("THROUGHLINE_BATCH_ROWS", "", "='': Input should be a valid integer", id="empty"),
        pytest.param("THROUGHLINE_SCHEMA_SUFFIX", "a-b", "='a-b': String should match", id="a pattern"),
        pytest.param("THROUGHLINE_KAFKA_CLIENT", "java", "='java': Input should be 'kafka-python' or", id="a choice"),
        pytest.param("CLICKHOUSE_URL", "myserver:8123", "='myserver:8123': expected http://HOST:PORT", id="no scheme"),
        pytest.param("CLICKHOUSE_URL", "http://", "='http://': expected http://HOST:PORT", id="no server"),
        pytest.param("CLICKHOUSE_URL", "http://a:b", "='http://a:b': Port could not be", id="no port"),
        pytest.param("CLICKHOUSE_URL", "ann:secret@ch:8123", ": expected http://HOST:PORT", id="a password in it"),
        pytest.param(
            "CLICKHOUSE_URL", "http://ann:secret@ch:8123", ": expected no user", id="a password in an address"
        ),
    ],
)
@pytest.mark.usefixtures("local_stack_file")
def test_a_value_that_cannot_be_is_one_line_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as raised:
        load_settings()

    assert str(raised.value).startswith(variable + message)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_every_setting_is_documented() -> None:
    page = (PROJECT_DIR / "docs" / "configuration.md").read_text()

    assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in page] == []


def test_a_broker_that_is_back_is_tried_again_within_seconds() -> None:
    """Left alone, the libraries would pause for 30 and 10 s at last: as long would landing stand still."""
    settings = Settings()
    assert kafka_config.connection(settings)["reconnect_backoff_max_ms"] <= 2_000
    assert confluent_config.connection(settings)["reconnect.backoff.max.ms"] <= 2_000
