"""`Publisher` over kafka-python."""

from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import MessageSizeTooLargeError, TopicAlreadyExistsError

from loaders.kafka_config import connection
from loaders.kafka_python import broker_errors
from loaders.settings import Settings
from loaders.sideline_topic import Message

TIMEOUT_SECONDS = 30.0


class KafkaPublisher:
    """A producer that connects when it is first needed: most loads have nothing to send."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Any = None
        self._known: set[str] = set()

    def publish(self, messages: Sequence[Message]) -> None:
        with broker_errors(self._settings):
            self._ensure_topics({message.topic for message in messages})
            if self._producer is None:
                self._producer = KafkaProducer(**connection(self._settings), acks="all", linger_ms=5)
            sent = [(message, self._send(message)) for message in messages]
            self._producer.flush(timeout=TIMEOUT_SECONDS)
            for message, future in sent:
                self._confirm(message, future)

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=5)

    def _send(self, message: Message) -> Any:
        headers = list(message.headers)
        try:
            return self._producer.send(message.topic, key=message.key, value=message.value, headers=headers)
        except MessageSizeTooLargeError:
            # The producer's own limit, before any broker is asked.
            return self._send_without_value(message)

    def _confirm(self, message: Message, future: Any) -> None:
        try:
            future.get(timeout=TIMEOUT_SECONDS)
        except MessageSizeTooLargeError:
            self._send_without_value(message).get(timeout=TIMEOUT_SECONDS)

    def _send_without_value(self, message: Message) -> Any:
        """A record at the limit has no room for the headers. Its bytes stand in the table."""
        headers = [*message.headers, ("throughline.value", b"omitted")]
        return self._producer.send(message.topic, key=message.key, value=b"", headers=headers)

    def _ensure_topics(self, topics: set[str]) -> None:
        if topics <= self._known:
            return
        admin = KafkaAdminClient(**connection(self._settings))
        try:
            missing = topics - set(admin.list_topics())
            if missing:
                admin.create_topics(sorted(missing), wait_for_metadata=True)
        except TopicAlreadyExistsError:
            pass
        finally:
            admin.close()
        self._known |= topics
