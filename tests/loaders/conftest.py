"""What the tests of the loaders share: topics of their own, and raw tables to look at."""

from collections.abc import Iterator

import pytest

from loaders.schema import migrate
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from tests.support.topics import with_own_topics


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings whose databases and topics no other test has."""
    return with_own_topics(settings)


@pytest.fixture
def warehouse(own: Settings) -> Iterator[ClickHouse]:
    """The loader's ClickHouse, with raw tables."""
    opened = ClickHouse(own)
    migrate(opened, own)
    yield opened
    opened.close()
