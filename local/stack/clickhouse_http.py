"""The few statements that the stack itself sends to ClickHouse, without a driver to import."""

import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from local.stack.errors import CorruptDataError, StackError, WrongPasswordError

_WRONG_PASSWORD = {"192", "193", "194", "516"}


@dataclass(frozen=True)
class ClickHouseHttp:
    """A ClickHouse server and how to trust it."""

    url: str
    ca_file: Path | None = None

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/ping", timeout=2, context=self._context()) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def run(self, statement: str, *, user: str, password: str, timeout: float = 30) -> str:
        """Run one statement; its rows as tab-separated text. Raises WrongPasswordError and StackError."""
        request = urllib.request.Request(
            self.url,
            data=statement.encode(),
            headers={"X-ClickHouse-User": user, "X-ClickHouse-Key": password},
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self._context()) as reply:
                return str(reply.read().decode())
        except urllib.error.HTTPError as error:
            if error.headers.get("X-ClickHouse-Exception-Code") in _WRONG_PASSWORD:
                raise WrongPasswordError(
                    f"wrong password: ClickHouse at {self.url} does not let user {user} in;"
                    f" check CLICKHOUSE_{user.upper()}_PASSWORD in the environment and in stack.env"
                ) from None
            text = " ".join(error.read().decode(errors="replace").split())[:300]
            raise StackError(f"ClickHouse at {self.url} refused `{statement}`: {text}") from None
        except OSError as error:
            raise StackError(f"ClickHouse does not answer at {self.url}: {error}") from error

    def _context(self) -> ssl.SSLContext | None:
        if not self.url.startswith("https:"):
            return None
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)


def check_tables(server: ClickHouseHttp, *, user: str, password: str, budget_bytes: int) -> None:
    """Read every part's checksums, smallest tables first, until `budget_bytes` are read.

    Raises CorruptDataError with the table's name. At start ClickHouse itself looks at the sizes of files only.
    """
    tables = server.run(
        "SELECT database, name, ifNull(total_bytes, 0) FROM system.tables"
        " WHERE engine LIKE '%MergeTree' AND database != 'system' AND total_bytes > 0 ORDER BY total_bytes",
        user=user,
        password=password,
    )
    for line in tables.splitlines():
        database, name, size = line.split("\t")
        budget_bytes -= int(size)
        if budget_bytes < 0:
            return
        result = server.run(
            f"CHECK TABLE `{database}`.`{name}` SETTINGS check_query_single_value_result = 0",
            user=user,
            password=password,
            timeout=300,
        )
        broken = [row.split("\t") for row in result.splitlines() if row.split("\t")[1:2] == ["0"]]
        if broken:
            part, _, message = (broken[0] + ["", ""])[:3]
            raise CorruptDataError(
                f"corrupt data in ClickHouse: {database}.{name}, part {part}: {message[:160]};"
                " restore the table from a backup, or drop it and load it again"
            )
