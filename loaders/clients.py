"""Which client library reads Kafka."""

from loaders.errors import ThroughlineError
from loaders.kafka_python import KafkaPythonSource
from loaders.settings import Settings
from loaders.source import Source


def open_source(settings: Settings, *, group: str | None) -> Source:
    """A consumer by the client that the settings name, in a group or, without one, for itself."""
    if settings.throughline_kafka_client == "kafka-python":
        return KafkaPythonSource(settings, group=group)
    try:
        from loaders.confluent import ConfluentSource
    except ModuleNotFoundError as error:
        if error.name != "confluent_kafka":
            raise
        raise ThroughlineError(
            "THROUGHLINE_KAFKA_CLIENT is confluent-kafka, which is not installed: "
            "`pip install 'throughline[confluent]'`, or leave the variable out to use kafka-python"
        ) from None
    return ConfluentSource(settings, group=group)
