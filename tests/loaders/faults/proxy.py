"""A TCP proxy that breaks connections on demand."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import monotonic

from tests.loaders.faults.schedule import Deed

CHUNK = 65_536


class Proxy:
    """Listens on a free port of this machine and passes on to another. `fail` names what goes wrong, for how long."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self._closed = Event()
        self._deed: Deed | None = None
        self._until = 0.0
        self.hits = 0
        Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def fail(self, deed: Deed, *, seconds: float) -> None:
        """From now on, for so many seconds, do this to every connection that is used. `hits` counts those."""
        self._deed, self._until = deed, monotonic() + seconds

    def close(self) -> None:
        self._closed.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            for source, sink, is_request in ((client, server, True), (server, client, False)):
                Thread(target=self._pump, args=(source, sink, is_request), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_request: bool) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                deed = self._deed if monotonic() < self._until else None
                if deed is not None and self._applies(deed, is_request):
                    self.hits += 1
                    if self._hurt(deed, source, sink, data):
                        return
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _applies(self, deed: Deed, is_request: bool) -> bool:
        return deed == "half-open" or is_request == deed.endswith("request")

    def _hurt(self, deed: Deed, source: socket.socket, sink: socket.socket, data: bytes) -> bool:
        """Do it; True if the connection is gone by that."""
        if deed.startswith("stall"):
            self._sleep()
            return False
        if deed == "half-open":
            # Neither end hears anything any more, and neither is told.
            self._sleep()
        if deed == "reset amid the request":
            with suppress(OSError):
                sink.sendall(data[: len(data) // 2])
        for end in (source, sink):
            _reset(end)
        return True

    def _sleep(self) -> None:
        self._closed.wait(max(0.0, self._until - monotonic()))


def _reset(end: socket.socket) -> None:
    """Close with RST, so that the other side sees a reset and no orderly end."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RD)
    with suppress(OSError):
        end.close()


@contextmanager
def proxied(port: int) -> Iterator[Proxy]:
    """A proxy before a port of this machine, closed afterwards."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
