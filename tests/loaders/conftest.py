"""What the tests of the loaders share: topics of their own, and raw tables to look at."""

from collections.abc import Iterator

import pytest

from loaders.schema import migrate
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from tests.support.topics import with_own_topics


@pytest.fixture
def own(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Settings whose databases and topics no other test has; `by_client` says which client reads Kafka."""
    client = getattr(request, "param", settings.throughline_kafka_client)
    return with_own_topics(settings).model_copy(update={"throughline_kafka_client": client})


@pytest.fixture
def warehouse(own: Settings) -> Iterator[ClickHouse]:
    """The loader's ClickHouse, with raw tables."""
    opened = ClickHouse(own)
    migrate(opened, own)
    yield opened
    opened.close()
