"""What a client library says went wrong with Kafka, in our words."""

from loaders.errors import BrokerError, InstanceTakenError
from loaders.settings import Settings

START = "start the local stack with `throughline up`, or set KAFKA_BOOTSTRAP"
CHECK = "check KAFKA_SECURITY_PROTOCOL, the KAFKA_SASL_… and KAFKA_SSL_… variables"


def failure(settings: Settings, name: str, text: object) -> BrokerError:
    """An outage or a refusal, named as the library names it. Not every library can tell the two apart."""
    line = (str(text).strip().splitlines() or [""])[0][:300]
    hint = START if settings.kafka_security_protocol == "PLAINTEXT" else f"see that it runs, and {CHECK}"
    return BrokerError(f"Kafka at {settings.kafka_bootstrap} fails ({name}: {line}): {hint}")


def instance_taken(settings: Settings) -> InstanceTakenError:
    return InstanceTakenError(
        f"another loader has joined the group {settings.kafka_group} under the name of this one, "
        f"{settings.throughline_group_instance}: give each process a THROUGHLINE_GROUP_INSTANCE of its own. "
        "This one ends, the other one goes on"
    )
