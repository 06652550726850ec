"""The stack of one folder: what runs, in which order it starts and stops, and what clients are told."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil
from dotenv import dotenv_values

from loaders.settings import Settings, local_dir
from local.stack.clickhouse import ClickHouse
from local.stack.errors import StackError
from local.stack.kafka import Kafka
from local.stack.service import Service, ServiceStatus

USERS = ("loader", "dbt", "bi")


class Stack:
    """ClickHouse and Kafka with their data under `folder`. Every method may be called at any time, from any process."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or local_dir()).resolve()
        self.env_file = self.folder / "stack.env"

    def up(self, *, clickhouse: bool = True, kafka: bool = True) -> Settings:
        """Start what does not run yet and wait until it answers. Returns the settings that reach it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = {"clickhouse": clickhouse, "kafka": kafka}
        passwords = self._passwords()
        for service in self._services():
            if wanted[service.name] and service.process() is None:
                service.up()
        self._write_env(passwords)
        return self.settings()

    def down(self) -> list[str]:
        """Stop what runs; the names of what ran."""
        return [service.name for service in reversed(list(self._services())) if service.down()]

    def status(self) -> list[ServiceStatus]:
        return [_status(service) for service in self._services()]

    def kill(self, service: str) -> None:
        """End one service as a crash would (kill -9)."""
        for candidate in self._services():
            if candidate.name == service:
                candidate.kill()
                return
        raise StackError(f"no service is named {service!r}")

    def kill_all(self) -> None:
        """End every service as a crash would: the way out of a test."""
        for service in self._services():
            service.kill()

    def settings(self) -> Settings:
        """The environment first, then this stack's file."""
        return Settings(_env_file=self.env_file)

    def _services(self) -> Iterator[Service]:
        yield ClickHouse(self.folder, self._passwords())
        yield Kafka(self.folder)

    def _passwords(self) -> dict[str, str]:
        """Each user's own password: made at the first start, then read from `stack.env`."""
        known = dotenv_values(self.env_file)
        passwords = {user: known.get(f"CLICKHOUSE_{user.upper()}_PASSWORD") for user in USERS}
        if all(passwords.values()):
            return {user: str(password) for user, password in passwords.items()}
        made = {user: str(passwords[user] or secrets.token_urlsafe(24)) for user in USERS}
        if self.folder.exists():
            self._write_env(made)
        return made

    def _write_env(self, passwords: dict[str, str]) -> None:
        clickhouse, kafka = ClickHouse(self.folder, passwords), Kafka(self.folder)
        lines = [f"CLICKHOUSE_URL={clickhouse.url}"]
        for user, password in passwords.items():
            lines += [f"CLICKHOUSE_{user.upper()}_USER={user}", f"CLICKHOUSE_{user.upper()}_PASSWORD={password}"]
        lines.append(f"KAFKA_BOOTSTRAP={kafka.url}")
        temporary = self.env_file.with_suffix(".tmp")
        temporary.touch(mode=0o600)
        temporary.write_text("\n".join(lines) + "\n")
        os.replace(temporary, self.env_file)  # noqa: PTH105


def _status(service: Service) -> ServiceStatus:
    process = service.process()
    memory = 0
    if process is not None:
        try:
            memory = sum(member.memory_info().rss for member in (process, *process.children(recursive=True)))
        except psutil.NoSuchProcess:
            process = None
    return ServiceStatus(
        service=service.name,
        state="stopped" if process is None else "running" if service.answers() else "starting",
        pid=process.pid if process else None,
        url=service.url,
        memory_bytes=memory,
        folder=service.folder,
    )
