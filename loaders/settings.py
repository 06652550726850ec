"""What the environment says of the warehouse and the brokers.

Every variable wins over the local stack's own file (`.local/stack.env`, written by `throughline up`), and that
file over the defaults, so that nothing set means the local stack.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from loaders.errors import SettingsError

# A member of the group that says nothing for so long is taken for dead.
SESSION_SECONDS = 10.0
# One that asks for no records for so long is taken for stuck. An insert must end well before.
MAX_POLL_SECONDS = 300.0

KafkaClient = Literal["kafka-python", "confluent-kafka"]

PROJECT_DIR = Path(__file__).resolve().parent.parent


def local_dir() -> Path:
    """The folder of the local stack: its data, its logs, its `stack.env`."""
    return Path(os.environ.get("THROUGHLINE_LOCAL_DIR", PROJECT_DIR / ".local")).resolve()


class Settings(BaseSettings):
    """Connections and names. Field names in capitals are the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    clickhouse_url: str = "http://127.0.0.1:8123"
    clickhouse_loader_user: str = "loader"
    clickhouse_loader_password: SecretStr = SecretStr("")
    clickhouse_dbt_user: str = "dbt"
    clickhouse_dbt_password: SecretStr = SecretStr("")
    clickhouse_bi_user: str = "bi"
    clickhouse_bi_password: SecretStr = SecretStr("")
    clickhouse_ca_file: Path | None = None

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_oauth_token_url: str | None = None
    kafka_oauth_client_id: str | None = None
    kafka_oauth_client_secret: SecretStr | None = None
    kafka_oauth_scope: str | None = None
    kafka_oauth_token_command: str | None = None
    kafka_ssl_ca_file: Path | None = None
    kafka_ssl_cert_file: Path | None = None
    kafka_ssl_key_file: Path | None = None
    kafka_ssl_key_password: SecretStr | None = None

    throughline_schema_suffix: str = Field(default="", pattern=r"^[A-Za-z0-9_]*$")

    # Topics of each stream: names or patterns (a pattern begins with ^), separated by commas.
    throughline_topics_events: str = "events"
    throughline_topics_identities: str = "identities"
    throughline_topics_people: str = "people"
    throughline_kafka_client: KafkaClient = "kafka-python"
    throughline_group: str = "throughline"
    # A name of its own for each loader process that lives longer than it (a pod's ordinal): started again within its
    # session it has its partitions back at once.
    throughline_group_instance: str | None = None

    # A batch lands when it has this many rows, this many bytes of payload, or this age.
    throughline_batch_rows: int = Field(default=100_000, ge=1, le=1_000_000)
    throughline_batch_bytes: int = Field(default=64 * 1024 * 1024, ge=1, le=512 * 1024 * 1024)
    throughline_batch_seconds: float = Field(default=1.0, ge=0.01)
    # How long `load --until-caught-up` tries again while ClickHouse or Kafka is away. `--follow` never gives up.
    throughline_retry_seconds: float = Field(default=60.0, ge=0)
    throughline_insert_seconds: float = Field(default=120.0, gt=0, lt=MAX_POLL_SECONDS / 2)
    # A partition that stands still for so long while its lag grows has its consumer started again.
    throughline_stall_seconds: float = Field(default=60.0, gt=0)
    throughline_max_record_bytes: int = Field(default=1024 * 1024, ge=1)

    # The breaker: more than this share of unusable records in a window, or this many in a row, stops the loader.
    throughline_breaker_share: float = Field(default=0.01, ge=0, le=1)
    throughline_breaker_window: int = Field(default=10_000, ge=1)
    throughline_breaker_run: int = Field(default=1_000, ge=1)

    @field_validator("clickhouse_url")
    @classmethod
    def _names_a_server(cls, url: str) -> str:
        """Where nothing else says which server is meant, every client would silently take its own default."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("expected http://HOST:PORT or https://HOST:PORT")
        if parts.username or parts.password:
            raise ValueError("expected no user and no password: those have variables of their own")
        return url

    @property
    def raw_database(self) -> str:
        return "raw" + self.throughline_schema_suffix

    @property
    def staging_database(self) -> str:
        return "staging" + self.throughline_schema_suffix

    @property
    def marts_database(self) -> str:
        return "marts" + self.throughline_schema_suffix

    @property
    def kafka_group(self) -> str:
        """The consumer group; a developer's own copy of the warehouse has its own."""
        return self.throughline_group + self.throughline_schema_suffix

    def as_environment(self) -> Mapping[str, str]:
        """The variables that a child process (dbt, Dagster) needs to see the same warehouse and brokers.

        Holds the passwords: hand it to a process, never to a log.
        """
        values: dict[str, str] = {}
        for name, value in self:
            if value is None:
                continue
            values[name.upper()] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        # dbt scrubs variables of this prefix from its logs.
        values["DBT_ENV_SECRET_CLICKHOUSE_DBT_PASSWORD"] = self.clickhouse_dbt_password.get_secret_value()
        return values

    def as_dbt_environment(self) -> Mapping[str, str]:
        """The same for dbt, which knows of a certificate authority by OpenSSL's own variable alone.

        Not for others: the variable tells a process whom to trust in all that it does, brokers and token endpoints too.
        """
        trusted = {"SSL_CERT_FILE": str(self.clickhouse_ca_file.absolute())} if self.clickhouse_ca_file else {}
        return {**self.as_environment(), **trusted}


def load_settings(stack_file: Path | None = None) -> Settings:
    """Settings of this process: the environment, then the local stack's file, then the defaults.

    Raises SettingsError that names the first variable whose value cannot be.
    """
    try:
        return Settings(_env_file=stack_file or local_dir() / "stack.env")
    except ValidationError as error:
        raise SettingsError(_first_fault(error)) from None


def _first_fault(error: ValidationError) -> str:
    """The variable, its value unless that may hold a password, and what it may be."""
    first = error.errors(include_url=False, include_context=False)[0]
    name, value = str(first["loc"][0]), str(first["input"])
    is_secret = "SecretStr" in str(Settings.model_fields[name].annotation) or "@" in value
    shown = "" if is_secret else f"={value!r}"
    return f"{name.upper()}{shown}: {first['msg'].removeprefix('Value error, ')}"
