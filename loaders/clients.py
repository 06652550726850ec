"""Which client library reads Kafka."""

from loaders import membership
from loaders.errors import ThroughlineError
from loaders.kafka_python import KafkaPythonSource
from loaders.settings import Settings
from loaders.source import Source


def open_source(settings: Settings, *, group: str | None) -> Source:
    """A consumer by the client that the settings name, in a group or, without one, for itself.

    In a group it is the only one of its name: what is left of an earlier one is taken out first.
    """
    if group is not None:
        membership.leave(settings)
    if settings.throughline_kafka_client == "kafka-python":
        return KafkaPythonSource(settings, group=group)
    try:
        from loaders.confluent import ConfluentSource
    except ModuleNotFoundError as error:
        if error.name != "confluent_kafka":
            raise
        raise ThroughlineError(
            "THROUGHLINE_KAFKA_CLIENT is confluent-kafka, which is not installed: "
            "`pip install '.[confluent]'` in the checkout, or leave the variable out to use kafka-python"
        ) from None
    return ConfluentSource(settings, group=group)
