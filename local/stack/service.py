"""What `throughline status` tells of one service, and what each service of the stack can do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import psutil

State = Literal["running", "stopped", "starting", "outside"]


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
    """A child process of the stack."""

    name: str
    folder: Path
    log: Path

    @property
    def url(self) -> str: ...

    def process(self) -> psutil.Process | None: ...

    def up(self) -> None: ...

    def down(self) -> bool: ...

    def kill(self) -> bool: ...

    def answers(self) -> bool: ...
