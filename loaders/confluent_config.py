"""How to reach Kafka, as librdkafka's configuration."""

from typing import Any

from loaders.kafka_config import RECONNECT_MS, credentials, sasl_mechanism
from loaders.oauth import tokens_of
from loaders.settings import Settings


def connection(settings: Settings) -> dict[str, Any]:
    """Where the brokers are and how to be let in."""
    config: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_security_protocol,
        "reconnect.backoff.max.ms": RECONNECT_MS,
    }
    if "SSL" in settings.kafka_security_protocol:
        password = settings.kafka_ssl_key_password
        given = {
            "ssl.ca.location": settings.kafka_ssl_ca_file,
            "ssl.certificate.location": settings.kafka_ssl_cert_file,
            "ssl.key.location": settings.kafka_ssl_key_file,
            "ssl.key.password": password.get_secret_value() if password else None,
        }
        config |= {name: str(value) for name, value in given.items() if value}
    if "SASL" in settings.kafka_security_protocol:
        config["sasl.mechanisms"] = sasl_mechanism(settings)
        if settings.kafka_sasl_mechanism == "OAUTHBEARER":
            tokens = tokens_of(settings)
            tokens.get()
            config["oauth_cb"] = lambda _: (tokens.get().value, tokens.get().expires_at)
        else:
            config["sasl.username"], config["sasl.password"] = credentials(settings)
    return config
