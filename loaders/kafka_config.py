"""How to reach Kafka, as kafka-python's arguments. The sideline's producer shares it."""

from typing import Any

from kafka.net.sasl.oauth import AbstractTokenProvider

from loaders.errors import BrokerError
from loaders.oauth import Tokens, tokens_of
from loaders.settings import Settings

BOOTSTRAP_MS = 10_000
# The libraries would wait for half a minute in the end, and so stand still for as long after a broker is back.
RECONNECT_MS = 2_000


class _TokenProvider(AbstractTokenProvider):  # type: ignore[misc]
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def token(self) -> str:
        return self._tokens.get().value


def connection(settings: Settings) -> dict[str, Any]:
    """Where the brokers are and how to be let in."""
    config: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap.split(","),
        "security_protocol": settings.kafka_security_protocol,
        "bootstrap_timeout_ms": BOOTSTRAP_MS,
        "reconnect_backoff_max_ms": RECONNECT_MS,
    }
    if "SSL" in settings.kafka_security_protocol:
        password = settings.kafka_ssl_key_password
        config |= {
            "ssl_cafile": _path(settings.kafka_ssl_ca_file),
            "ssl_certfile": _path(settings.kafka_ssl_cert_file),
            "ssl_keyfile": _path(settings.kafka_ssl_key_file),
            "ssl_password": password.get_secret_value() if password else None,
        }
    if "SASL" in settings.kafka_security_protocol:
        mechanism = sasl_mechanism(settings)
        config["sasl_mechanism"] = mechanism
        if mechanism == "OAUTHBEARER":
            tokens = tokens_of(settings)
            # Asked for here, so that what is wrong with it is told as it is; the library would only reconnect.
            tokens.get()
            config["sasl_oauth_token_provider"] = _TokenProvider(tokens)
        else:
            config["sasl_plain_username"], config["sasl_plain_password"] = credentials(settings)
    return config


def sasl_mechanism(settings: Settings) -> str:
    """Raises `BrokerError` where there is none."""
    if not settings.kafka_sasl_mechanism:
        raise BrokerError(f"KAFKA_SECURITY_PROTOCOL is {settings.kafka_security_protocol}: set KAFKA_SASL_MECHANISM")
    return settings.kafka_sasl_mechanism


def credentials(settings: Settings) -> tuple[str, str]:
    """User and password. Raises `BrokerError` where one is missing."""
    user, password = settings.kafka_sasl_username, settings.kafka_sasl_password
    if not user or password is None:
        raise BrokerError(
            f"KAFKA_SASL_MECHANISM is {settings.kafka_sasl_mechanism}: set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"
        )
    return user, password.get_secret_value()


def _path(file: object) -> str | None:
    return str(file) if file else None
