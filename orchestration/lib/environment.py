"""The warehouse's environment for what a run starts: dbt, and what dagster-dbt does in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from loaders.settings import Settings


@contextmanager
def environment(settings: Settings) -> Iterator[None]:
    """The settings as this process's environment while inside. Holds passwords, so it is put back afterwards."""
    before = dict(os.environ)
    os.environ.update(settings.as_environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
