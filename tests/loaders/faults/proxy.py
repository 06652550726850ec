"""A TCP proxy that breaks connections on demand."""

import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic, sleep

from tests.loaders.faults.schedule import Deed

CHUNK = 65_536
INSERT = b"POST /?query=insert"


@dataclass(slots=True)
class _Pair:
    """A connection of a loader. `answers` counts what came back on it."""

    client: socket.socket
    server: socket.socket
    answers: int = 0


class Proxy:
    """Listens on a free port of this machine and passes on to another. `fail` names what goes wrong, for how long.

    `failing` is called as a failure begins; `hits` counts what was broken.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self._closed = Event()
        self.failing: Callable[[Deed, float], None] = lambda deed, seconds: None
        self._waiting: deque[tuple[Deed, float]] = deque()
        self._deed: Deed | None = None
        self._until = 0.0
        self._in_insert: Callable[[], None] | None = None
        self._in_insert_after = 0.0
        self._lock = Lock()
        self.hits = 0
        Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def has_waiting(self) -> bool:
        """Whether a failure has not met its first request or answer yet."""
        return bool(self._waiting)

    def fail(self, deed: Deed, *, seconds: float) -> None:
        """From the next request or answer that it can hurt on, do this for so many seconds; one failure at a time."""
        self._waiting.append((deed, seconds))

    def in_insert(self, do: Callable[[], None], *, after: float) -> None:
        """Do this once, so many seconds after the beginning of an insert of rows that is not answered by then."""
        self._in_insert_after = after
        self._in_insert = do

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
            pair = _Pair(client, server)
            for is_request in (True, False):
                Thread(target=self._pump, args=(pair, is_request), daemon=True).start()

    def _pump(self, pair: _Pair, is_request: bool) -> None:
        source, sink = (pair.client, pair.server) if is_request else (pair.server, pair.client)
        with suppress(OSError):
            while data := source.recv(CHUNK):
                deed = self._present(is_request)
                if deed is not None:
                    self.hits += 1
                    if self._hurt(deed, source, sink, data):
                        return
                pair.answers += not is_request
                sink.sendall(data)
                if is_request and self._in_insert is not None and data.startswith(INSERT):
                    Thread(target=self._wait_in_insert, args=(pair, pair.answers), daemon=True).start()
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _wait_in_insert(self, pair: _Pair, answers: int) -> None:
        sleep(self._in_insert_after)
        with self._lock:
            do = self._in_insert
            if do is None or pair.answers != answers:
                return
            self._in_insert = None
        do()

    def _present(self, is_request: bool) -> Deed | None:
        """What happens to what is passed on now."""
        with self._lock:
            now = monotonic()
            if now >= self._until:
                self._deed = None
                if self._waiting and self._applies(self._waiting[0][0], is_request):
                    self._deed, seconds = self._waiting.popleft()
                    self._until = now + seconds
                    self.failing(self._deed, seconds)
            return self._deed if self._deed is not None and self._applies(self._deed, is_request) else None

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
