"""The client libraries that read Kafka: a test that is marked with `by_client` runs with each."""

import pytest

CLIENTS = ("kafka-python", "confluent-kafka")

by_client = pytest.mark.parametrize("own", CLIENTS, indirect=True)
