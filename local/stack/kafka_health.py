"""Whether a broker answers."""

import logging
import socket
from typing import Any


def broker_answers(address: str, connection: dict[str, Any] | None = None) -> bool:
    """Whether clients get metadata with a broker in it: the port alone opens before the broker takes part."""
    host, _, port = address.split(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except (OSError, ValueError):
        return False
    logger = logging.getLogger("kafka")
    before, logger.disabled = logger.level, True
    logger.setLevel(logging.CRITICAL + 1)
    try:
        from kafka.admin import KafkaAdminClient

        client = KafkaAdminClient(
            **{
                "bootstrap_servers": address,
                "request_timeout_ms": 3000,
                "bootstrap_timeout_ms": 3000,
                **(connection or {}),
            }
        )
        try:
            return bool(client.describe_cluster()["brokers"])
        finally:
            client.close()
    # Whatever the driver raises: the broker did not answer.
    except Exception:
        return False
    finally:
        logger.setLevel(before)
        logger.disabled = False
