"""Work in parts of which none waits for another: each is attempted, whatever became of those before."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from clickhouse_connect.driver.exceptions import ClickHouseError

from loaders.errors import ThroughlineError

Attempt = Callable[[str], AbstractContextManager[None]]


class PartsFailedError(ThroughlineError):
    """Some parts failed; each line names one of them, and why. The others are done."""


@contextmanager
def all_attempted() -> Iterator[Attempt]:
    """Attempt parts by name. Raises `PartsFailedError` at the end if the warehouse refused some of them."""
    failures: list[str] = []

    @contextmanager
    def attempt(part: str) -> Iterator[None]:
        try:
            yield
        except (ClickHouseError, ThroughlineError) as error:
            failures.append(f"{part}: {error}")

    yield attempt
    if failures:
        raise PartsFailedError("\n".join(failures))
