"""What the services of the stack have in common, and what `throughline status` tells of each."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import psutil

from local.stack.errors import NotStartedError, StackError
from local.stack.folders import writing
from local.stack.logs import LogMark, explain
from local.stack.ports import LOOPBACK, Ports
from local.stack.process import Child

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


class Service(ABC):
    """A child process of the stack: its folder, its port, its start and end."""

    name: ClassVar[str]
    scheme: ClassVar[str] = ""
    seconds_to_start: ClassVar[float] = 60
    seconds_to_stop: ClassVar[float] = 30

    def __init__(self, root: Path) -> None:
        self.folder = root / self.name
        self.ports = Ports(root)
        self.child = Child(self.folder, self.name)

    @property
    def url(self) -> str:
        """Where clients find it; '' until it was started for the first time."""
        port = self.ports.remembered(self.name)
        return f"{self.scheme}{LOOPBACK}:{port}" if port else ""

    @property
    def logs(self) -> list[Path]:
        return [self.child.log]

    @abstractmethod
    def answers(self) -> bool:
        """Whether clients are served now."""

    @abstractmethod
    def start(self) -> psutil.Process:
        """Configure it and start the process, without waiting. Its folder exists."""

    def after_start(self, *, is_new: bool) -> None:  # noqa: B027 (most services have nothing left to do)
        """What is left to do once it answers; `is_new` says that this call started it."""

    def up(self) -> None:
        """Start it if it does not run, and wait until it answers. Raises a StackError that says what is wrong."""
        running = self.process()
        self._respect_preset_port(running)
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        if running is None:
            self.child.require_free()
        mark = LogMark(self.logs)
        try:
            self.child.wait_until(self.answers, running or self.start(), seconds=self.seconds_to_start)
            self.after_start(is_new=running is None)
        except StackError as error:
            if running is None:
                self.child.kill()
            if isinstance(error, NotStartedError):
                raise explain(error, added=mark.added(), folder=self.folder, log=self.child.log) from None
            raise

    def down(self) -> bool:
        """Stop it; whether it ran."""
        return self.child.stop(patience=self.seconds_to_stop)

    def kill(self) -> bool:
        """End it as a crash would."""
        return self.child.kill()

    def process(self) -> psutil.Process | None:
        return self.child.find()

    def status(self) -> ServiceStatus:
        process, memory = self.process(), 0
        if process is not None:
            try:
                memory = sum(member.memory_info().rss for member in (process, *process.children(recursive=True)))
            except psutil.NoSuchProcess:
                process = None
        return ServiceStatus(
            service=self.name,
            state="stopped" if process is None else "running" if self.answers() else "no answer",
            pid=process.pid if process else None,
            url=self.url,
            memory_bytes=memory,
            folder=self.folder,
        )

    def _respect_preset_port(self, running: psutil.Process | None) -> None:
        preset = self.ports.preset(self.name)
        if running is not None and preset not in (None, self.ports.remembered(self.name)):
            raise StackError(
                f"{self.name} runs at {self.url} already, and THROUGHLINE_{self.name.upper()}_PORT asks for {preset};"
                " run `throughline down` first"
            )
