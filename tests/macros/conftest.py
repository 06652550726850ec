"""The engine of the macro tests lives in this process."""

from collections.abc import Iterator

import pytest

from tests.macros import harness


@pytest.fixture(scope="session", autouse=True)
def engine_is_closed() -> Iterator[None]:
    """Left to the interpreter's exit, the engine's threads outlive its tables and it ends in a segmentation fault."""
    yield
    if harness.connection.cache_info().currsize:
        harness.connection().close()
