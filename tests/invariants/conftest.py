"""One warehouse for all tests of invariants: dbt parses once."""

from collections.abc import Iterator

import pytest

from local.stack import Stack
from tests.invariants.trial import VARIABLES
from tests.invariants.warehouse import Warehouse, open_warehouse


@pytest.fixture(scope="session")
def warehouse(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    settings = stack.settings().model_copy(update={"throughline_schema_suffix": "_invariants"})
    with open_warehouse(settings, tmp_path_factory.mktemp("invariants"), VARIABLES) as opened:
        yield opened
