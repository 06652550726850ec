"""How to reach Kafka, as librdkafka's configuration."""

from typing import Any

from loaders.settings import Settings


def connection(settings: Settings) -> dict[str, Any]:
    """Where the brokers are and how to be let in."""
    return {"bootstrap.servers": settings.kafka_bootstrap, "security.protocol": settings.kafka_security_protocol}
