"""How to reach Kafka, as kafka-python's arguments. The sideline's producer shares it."""

from typing import Any

from loaders.errors import BrokerError
from loaders.settings import Settings


def connection(settings: Settings) -> dict[str, Any]:
    """Where the brokers are and how to be let in."""
    config: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap.split(","),
        "security_protocol": settings.kafka_security_protocol,
        "bootstrap_timeout_ms": 10_000,
    }
    if "SSL" in settings.kafka_security_protocol and settings.kafka_ssl_ca_file:
        config["ssl_cafile"] = str(settings.kafka_ssl_ca_file)
    if "SASL" in settings.kafka_security_protocol:
        if not settings.kafka_sasl_mechanism:
            raise BrokerError(
                f"KAFKA_SECURITY_PROTOCOL is {settings.kafka_security_protocol}: set KAFKA_SASL_MECHANISM"
            )
        config["sasl_mechanism"] = settings.kafka_sasl_mechanism
        config["sasl_plain_username"] = settings.kafka_sasl_username
        password = settings.kafka_sasl_password
        config["sasl_plain_password"] = password.get_secret_value() if password else None
    return config
