"""Loopback ports: preset by the environment, or chosen once and remembered."""

import json
import os
import random
import socket
from pathlib import Path

from local.stack.errors import PortTakenError, StackError

LOOPBACK = "127.0.0.1"
# Below what systems hand out to outgoing connections: a remembered port stays free while the stack is down.
_CANDIDATES = range(20_000, 32_000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection that lingers after a restart is no owner.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    for port in random.sample(_CANDIDATES, 200):
        if is_free(port):
            return port
    raise PortTakenError(f"no free loopback port between {_CANDIDATES.start} and {_CANDIDATES.stop}")


class Ports:
    """The port of each service of one folder, kept in `ports.json`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ports.json"

    def preset(self, service: str) -> int | None:
        """What the environment asks for: `THROUGHLINE_<SERVICE>_PORT`."""
        variable = f"THROUGHLINE_{service.upper()}_PORT"
        text = os.environ.get(variable, "")
        if not text:
            return None
        if not text.isdecimal() or not 1 <= int(text) <= 65_535:
            raise StackError(f"{variable}={text!r} is not a port number (1 to 65535)")
        return int(text)

    def remembered(self, service: str) -> int | None:
        return self._read().get(service)

    def claim(self, service: str) -> int:
        """The port to start the service on. It is free now; the caller starts at once.

        Raises PortTakenError where the port was asked for, or promised to clients before, and another program has it.
        """
        variable = f"THROUGHLINE_{service.upper()}_PORT"
        preset, remembered = self.preset(service), self.remembered(service)
        port = preset or remembered or free_port()
        if not is_free(port):
            if preset:
                raise PortTakenError(
                    f"port {port} of {variable} is taken by another program; free it or set another port"
                )
            raise PortTakenError(
                f"port {port}, which {service} had before ({self._file}), is taken by another program;"
                f" free it, or choose another by {variable}"
            )
        self._write({**self._read(), service: port})
        return port

    def _read(self) -> dict[str, int]:
        try:
            values = json.loads(self._file.read_text())
            return {str(service): int(port) for service, port in values.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError) as error:
            raise StackError(f"{self._file} is damaged; delete it and new ports are chosen") from error

    def _write(self, ports: dict[str, int]) -> None:
        self._file.write_text(json.dumps(ports, indent=2) + "\n")
