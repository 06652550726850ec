"""The stack of one folder: what runs, in which order it starts and stops, and what clients are told."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from loaders.settings import Settings, load_settings, local_dir
from local.stack.accounts import Accounts
from local.stack.clickhouse import ClickHouse
from local.stack.dagster import Dagster
from local.stack.errors import StackError
from local.stack.folders import one_at_a_time, require_room, writing
from local.stack.kafka import Kafka
from local.stack.outside import check_outside, check_passwords, outside_address
from local.stack.service import Service, ServiceStatus

Progress = Callable[[str], AbstractContextManager[object]]


class Stack:
    """ClickHouse, Kafka and Dagster with their data under `folder`. Any method may be called from any process."""

    def __init__(self, folder: Path | None = None, *, progress: Progress = lambda _: nullcontext()) -> None:
        self.folder = (folder or local_dir()).resolve()
        self.env_file = self.folder / "stack.env"
        self._accounts = Accounts(self.env_file)
        self._progress = progress

    def up(self, *, clickhouse: bool = True, kafka: bool = True, dagster: bool = False) -> Settings:
        """Start what does not run yet and wait until it answers. Returns the settings that reach it.

        An engine that the environment names (CLICKHOUSE_URL, KAFKA_BOOTSTRAP) is not started, only asked whether it
        answers. What runs already is left alone. Raises a StackError; what did start before then stays up.
        """
        wanted = {"clickhouse": clickhouse, "kafka": kafka, "dagster": dagster}
        require_room(self.folder)
        with one_at_a_time(self.folder), writing(self.folder):
            for name in (name for name, is_wanted in wanted.items() if is_wanted):
                self._up_one(name)
        return self.settings()

    def down(self) -> list[str]:
        """Stop what runs; the names of what ran."""
        if not self.folder.exists():
            return []
        with one_at_a_time(self.folder):
            return [service.name for service in reversed(self.services()) if self._down_one(service)]

    def status(self) -> list[ServiceStatus]:
        return [self._status_one(service) for service in self.services()]

    def kill(self, service: str) -> None:
        """End one service as a crash would (kill -9)."""
        self.service(service).kill()

    def kill_all(self) -> None:
        """End every service as a crash would: the way out of a test."""
        for service in self.services():
            service.kill()

    def settings(self) -> Settings:
        """The environment first, then this stack's file."""
        return load_settings(self.env_file)

    def admin_password(self) -> str:
        """Of the user `admin`, whom nothing but operators and tests use."""
        return self._accounts.passwords()["admin"]

    def services(self) -> list[Service]:
        """In the order in which they start."""
        passwords = self._accounts.passwords() if self.folder.exists() else {}
        environment = {**self.settings().as_environment(), "THROUGHLINE_LOCAL_DIR": str(self.folder)}
        return [ClickHouse(self.folder, passwords), Kafka(self.folder), Dagster(self.folder, environment)]

    def service(self, name: str) -> Service:
        for service in self.services():
            if service.name == name:
                return service
        raise StackError(f"no service is named {name!r}; there are clickhouse, kafka and dagster")

    def _up_one(self, name: str) -> None:
        service = self.service(name)
        if outside_address(name, own=service.url):
            check_outside(name, self.settings())
            return
        with self._progress(f"starting {name} …"):
            service.up()
        self._write_addresses()
        if name == "clickhouse":
            check_passwords(self.settings(), users=("loader", "dbt", "bi"))

    def _down_one(self, service: Service) -> bool:
        with self._progress(f"stopping {service.name} …"):
            return service.down()

    def _status_one(self, service: Service) -> ServiceStatus:
        address = outside_address(service.name, own=service.url)
        if address:
            return ServiceStatus(service.name, "outside", None, address, 0, None)
        return service.status()

    def _write_addresses(self) -> None:
        named = (("CLICKHOUSE_URL", "clickhouse"), ("KAFKA_BOOTSTRAP", "kafka"))
        known = {variable: self.service(name).url for variable, name in named}
        addresses = {variable: address for variable, address in known.items() if address}
        self._accounts.write(self._accounts.passwords(), addresses)
