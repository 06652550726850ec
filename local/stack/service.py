"""What each service of the stack can do, and what `throughline status` tells of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import psutil

State = Literal["running", "stopped", "no answer", "outside"]


@dataclass(frozen=True)
class ServiceStatus:
    """One service at one moment. `memory_bytes` is the resident memory of the process and its children."""

    service: str
    state: State
    pid: int | None
    url: str
    memory_bytes: int
    folder: Path | None


class Service(Protocol):
    """A child process of the stack. Its `url` is '' until it was started for the first time."""

    name: str
    folder: Path

    @property
    def url(self) -> str: ...

    @property
    def logs(self) -> list[Path]: ...

    def process(self) -> psutil.Process | None: ...

    def up(self) -> None:
        """Start it and wait until it answers. Raises a StackError that says what is wrong."""

    def down(self) -> bool:
        """Stop it; whether it ran."""

    def kill(self) -> bool:
        """End it as a crash would."""

    def answers(self) -> bool: ...


def status_of(service: Service) -> ServiceStatus:
    process = service.process()
    memory = 0
    if process is not None:
        try:
            memory = sum(member.memory_info().rss for member in (process, *process.children(recursive=True)))
        except psutil.NoSuchProcess:
            process = None
    return ServiceStatus(
        service=service.name,
        state="stopped" if process is None else "running" if service.answers() else "no answer",
        pid=process.pid if process else None,
        url=service.url,
        memory_bytes=memory,
        folder=service.folder,
    )
