"""ClickHouse as the loaders use it: small queries through clickhouse-connect, blocks of rows through one plain request.

A driver that quietly sends a request again after a reset would land a block twice, so inserts of rows go through
`http.client`, which never does.
"""

import http.client
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError
from clickhouse_connect.driver.external import ExternalData

from loaders.errors import FencedError, ThroughlineError, WarehouseRefusedError, WarehouseUnreachableError
from loaders.failpoints import failpoint
from loaders.native import Block
from loaders.settings import Settings

THROW_IF = 395
WRONG_PASSWORD = {192, 193, 194, 516}
NO_GRANT = 497
NO_DATABASE_OR_TABLE = {60, 81}
# The server could not answer just then: memory, too many queries, being stopped, cancelled, or disk waits.
PASSING = {159, 202, 210, 236, 241, 242, 243, 252, 319, 394, 425, 745}
MAX_STATEMENT_BYTES = 10 * 1024 * 1024
# A proxy's: a time-out, too early, too many requests.
PASSING_ON_THE_WAY = {408, 425, 429}

INSERT_SETTINGS: Mapping[str, str | int] = {
    # One block, whatever its size; one thread; answered only when it is on disk.
    "async_insert": 0,
    "max_insert_block_size": 1_048_576,
    "min_insert_block_size_rows": 0,
    "min_insert_block_size_bytes": 0,
    "max_insert_threads": 1,
    "max_threads": 1,
    "insert_deduplicate": 0,
    "optimize_on_insert": 0,
    "wait_end_of_query": 1,
    "http_receive_timeout": 10,
    # Lazy branches make the check seven times slower; it is written for being evaluated whole.
    "short_circuit_function_evaluation": "disable",
}


class Warehouse(Protocol):
    """What the loaders need of ClickHouse. Tests put faults between this and the server."""

    database: str

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """The rows of a query that changes nothing."""

    def execute(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        query_id: str = "",
        data: ExternalData | None = None,
    ) -> None:
        """Run a statement, once. It may read the tables in `data`, which are sent along."""

    def insert_block(self, statement: str, block: bytes | Block, *, query_id: str) -> None:
        """Send one block once.

        Raises `WarehouseRefusedError` or `FencedError` where nothing landed, `WarehouseUnreachableError` where the
        outcome is unknown.
        """


class ClickHouse:
    """A `Warehouse` over HTTP. One instance serves one thread."""

    def __init__(self, settings: Settings) -> None:
        self.database = settings.raw_database
        self._settings = settings
        self._client: Client | None = None
        self._connection: http.client.HTTPConnection | None = None

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        with translated_errors(self._settings):
            return self._connected().query(query, parameters=dict(parameters or {})).result_rows

    def execute(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        query_id: str = "",
        data: ExternalData | None = None,
    ) -> None:
        settings: dict[str, Any] = {"async_insert": 0, **({"query_id": query_id} if query_id else {})}
        with translated_errors(self._settings):
            self._connected().command(
                statement, parameters=dict(parameters or {}), settings=settings, external_data=data
            )

    def insert_block(self, statement: str, block: bytes | Block, *, query_id: str) -> None:
        query = urlencode({"query": statement, "query_id": query_id, "database": self.database, **INSERT_SETTINGS})
        headers = {
            "X-ClickHouse-User": self._settings.clickhouse_loader_user,
            "X-ClickHouse-Key": self._settings.clickhouse_loader_password.get_secret_value(),
            "Content-Length": str(len(block)),
        }
        connection = self._connection or self._new_connection()
        self._connection = None
        try:
            connection.request("POST", f"/?{query}", body=block, headers=headers)
            failpoint("before_answer")
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise unreachable(self._settings, error) from error
        self._connection = connection
        code = int(answer.getheader("X-ClickHouse-Exception-Code") or 0)
        if code:
            raise _refusal(self._settings, code, text)
        if answer.status != http.client.OK:
            raise _refusal_on_the_way(self._settings, answer.status, answer.reason)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> Client:
        if self._client is None:
            self._client = connect(self._settings)
        return self._client

    def _new_connection(self) -> http.client.HTTPConnection:
        url = urlsplit(self._settings.clickhouse_url)
        host, seconds = url.hostname or "127.0.0.1", self._settings.throughline_insert_seconds
        if url.scheme == "https":
            ca_file = self._settings.clickhouse_ca_file
            context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
            return http.client.HTTPSConnection(host, url.port or 8443, timeout=seconds, context=context)
        return http.client.HTTPConnection(host, url.port or 8123, timeout=seconds)


def connect(settings: Settings, *, patience_seconds: int = 60) -> Client:
    """A clickhouse-connect client as the loader, which waits so long for an answer.

    Raises a `ThroughlineError` that says what to do.
    """
    url = urlsplit(settings.clickhouse_url)
    is_secure = url.scheme == "https"
    with translated_errors(settings):
        return clickhouse_connect.get_client(
            host=url.hostname or "127.0.0.1",
            port=url.port or (8443 if is_secure else 8123),
            interface="https" if is_secure else "http",
            username=settings.clickhouse_loader_user,
            password=settings.clickhouse_loader_password.get_secret_value(),
            ca_cert=str(settings.clickhouse_ca_file) if settings.clickhouse_ca_file else None,
            autogenerate_session_id=False,
            # A page of a retry names its records one by one, and no statement can raise this limit for itself.
            settings={"max_query_size": MAX_STATEMENT_BYTES},
            connect_timeout=5,
            send_receive_timeout=patience_seconds,
        )


@contextmanager
def translated_errors(settings: Settings) -> Iterator[None]:
    """The driver's errors as ours."""
    try:
        yield
    except DatabaseError as error:
        if isinstance(error, OperationalError) or not error.code:
            raise unreachable(settings, error) from error
        raise _refusal(settings, error.code, str(error)) from error
    except (ClickHouseError, OSError) as error:
        raise unreachable(settings, error) from error


def unreachable(settings: Settings, error: BaseException) -> WarehouseUnreachableError:
    return WarehouseUnreachableError(
        f"ClickHouse does not answer at {settings.clickhouse_url} ({_first_line(error)}): "
        "start the local stack with `throughline up`, or set CLICKHOUSE_URL"
    )


def _refusal(settings: Settings, code: int, text: str) -> ThroughlineError:
    user, line = settings.clickhouse_loader_user, _first_line(text)
    if code == THROW_IF and "fenced" in text:
        return FencedError("another loader has taken over these partitions; nothing of this batch landed")
    if code in PASSING:
        return unreachable(settings, RuntimeError(line))
    if code in WRONG_PASSWORD:
        hint = f"user {user} is not let in: check CLICKHOUSE_LOADER_USER and CLICKHOUSE_LOADER_PASSWORD"
    elif code == NO_GRANT:
        hint = f"user {user} lacks a grant: {line}"
    elif code in NO_DATABASE_OR_TABLE:
        hint = f"{line}: run `throughline load` once, it creates the raw tables"
    else:
        hint = line
    return WarehouseRefusedError(f"ClickHouse at {settings.clickhouse_url} refused (code {code}): {hint}", code=code)


def _refusal_on_the_way(settings: Settings, status: int, reason: str) -> ThroughlineError:
    """What an answer means that is not ClickHouse's own, but that of something between."""
    answer = f"HTTP {status} {reason}"
    if status in PASSING_ON_THE_WAY or status >= http.client.INTERNAL_SERVER_ERROR:
        return unreachable(settings, RuntimeError(answer))
    hint = ": a batch is more than it takes, see THROUGHLINE_BATCH_BYTES" if status == 413 else ""
    return WarehouseRefusedError(f"what answers at {settings.clickhouse_url} refused ({answer}){hint}", code=0)


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
