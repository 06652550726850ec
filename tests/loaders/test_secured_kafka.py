"""Every way to be let in by a broker, with each client; and what is said to one who is not."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from loaders.errors import BrokerError
from loaders.oauth import tokens_of
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from tests.support.certificates import Authority
from tests.support.clients import by_client
from tests.support.secured_kafka import PASSWORD, USER, SecuredKafka
from tests.support.token_endpoint import CLIENT, SECRET, token_endpoint, unsigned_token
from tests.support.topics import create, event, produce, read_all

pytestmark = by_client


@pytest.fixture(scope="module")
def broker() -> Iterator[SecuredKafka]:
    folder = Path(tempfile.mkdtemp(prefix="throughline-secured-", dir="/tmp"))
    running = SecuredKafka(folder)
    try:
        running.up()
        yield running
    finally:
        running.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For those who will not be let in anyway."""
    monkeypatch.setattr("loaders.kafka_config.BOOTSTRAP_MS", 3000)
    monkeypatch.setattr("loaders.confluent.ANSWER_SECONDS", 3.0)


@pytest.fixture
def filled(own: Settings, broker: SecuredKafka) -> Settings:
    """Settings of the broker's open door, behind which there are three records, one of them unusable."""
    inside = own.model_copy(update={"kafka_bootstrap": broker.url, "throughline_retry_seconds": 5.0})
    create(inside, inside.throughline_topics_events)
    produce(inside, inside.throughline_topics_events, [event(0), b"{", event(2)])
    return inside


def behind(settings: Settings, broker: SecuredKafka, mechanism: str, **more: Any) -> Settings:
    return settings.model_copy(
        update={
            "kafka_bootstrap": broker.sasl,
            "kafka_security_protocol": "SASL_SSL",
            "kafka_ssl_ca_file": broker.authority.file,
            "kafka_sasl_mechanism": mechanism,
            **more,
        }
    )


def as_user(settings: Settings, broker: SecuredKafka, mechanism: str, password: str = PASSWORD) -> Settings:
    return behind(settings, broker, mechanism, kafka_sasl_username=USER, kafka_sasl_password=SecretStr(password))


def assert_loads(settings: Settings, inside: Settings) -> None:
    """The consumer reads and the sideline's producer writes."""
    summary = load_until_caught_up(settings)

    assert (summary.usable, summary.sidelined) == (2, 1)
    assert len(read_all(inside, f"{inside.throughline_topics_events}.sideline")) == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_user_with_a_password_is_let_in(filled: Settings, broker: SecuredKafka, mechanism: str) -> None:
    assert_loads(as_user(filled, broker, mechanism), filled)


def test_a_token_of_an_identity_provider_lets_in(filled: Settings, broker: SecuredKafka) -> None:
    with token_endpoint() as url:
        more = {"kafka_oauth_client_id": CLIENT, "kafka_oauth_client_secret": SecretStr(SECRET)}
        assert_loads(behind(filled, broker, "OAUTHBEARER", kafka_oauth_token_url=url, **more), filled)


def test_a_token_that_a_command_prints_lets_in(filled: Settings, broker: SecuredKafka) -> None:
    command = f"{sys.executable} -c 'print(\"{unsigned_token()}\")'"
    assert_loads(behind(filled, broker, "OAUTHBEARER", kafka_oauth_token_command=command), filled)


def test_a_certificate_lets_in(filled: Settings, broker: SecuredKafka) -> None:
    identity = broker.client_identity()
    assert_loads(
        filled.model_copy(
            update={
                "kafka_bootstrap": broker.mtls,
                "kafka_security_protocol": "SSL",
                "kafka_ssl_ca_file": broker.authority.file,
                "kafka_ssl_cert_file": identity.certificate,
                "kafka_ssl_key_file": identity.key,
                "kafka_ssl_key_password": SecretStr(PASSWORD),
            }
        ),
        filled,
    )


@pytest.mark.usefixtures("little_patience")
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_wrong_password_is_told_as_such(filled: Settings, broker: SecuredKafka, mechanism: str) -> None:
    with pytest.raises(BrokerError, match="check KAFKA_SECURITY_PROTOCOL, the KAFKA_SASL_"):
        load_until_caught_up(as_user(filled, broker, mechanism, password="wrong"))


@pytest.mark.usefixtures("little_patience")
def test_a_broker_of_another_authority_is_not_trusted(filled: Settings, broker: SecuredKafka, tmp_path: Path) -> None:
    stranger = as_user(filled, broker, "PLAIN").model_copy(update={"kafka_ssl_ca_file": Authority(tmp_path).file})
    with pytest.raises(BrokerError, match=r"certificate|SSL"):
        load_until_caught_up(stranger)


@pytest.mark.usefixtures("little_patience")
def test_a_client_without_a_certificate_is_not_let_in(filled: Settings, broker: SecuredKafka) -> None:
    bare = {"kafka_bootstrap": broker.mtls, "kafka_security_protocol": "SSL"}
    with pytest.raises(BrokerError, match=f"Kafka at {broker.mtls}"):
        load_until_caught_up(filled.model_copy(update={**bare, "kafka_ssl_ca_file": broker.authority.file}))


def test_a_wrong_secret_is_told_by_the_endpoint(filled: Settings, broker: SecuredKafka) -> None:
    tokens_of.cache_clear()
    with token_endpoint() as url, pytest.raises(BrokerError, match="gives no token"):
        load_until_caught_up(behind(filled, broker, "OAUTHBEARER", kafka_oauth_token_url=url))
