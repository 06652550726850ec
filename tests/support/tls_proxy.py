"""TLS in front of a server that speaks none."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from tests.support.certificates import Identity


@contextmanager
def tls_in_front_of(port: int, identity: Identity) -> Iterator[str]:
    """The address, `127.0.0.1:port`, where a TLS connection reaches the port of this machine."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.certificate, identity.key)
    loop, ready, found = asyncio.new_event_loop(), Event(), []

    async def serve() -> None:
        server = await asyncio.start_server(lambda *client: _join(client, port), "127.0.0.1", 0, ssl=context)
        found.append(server.sockets[0].getsockname()[1])
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield f"127.0.0.1:{found[0]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


async def _join(client: tuple[asyncio.StreamReader, asyncio.StreamWriter], port: int) -> None:
    server = await asyncio.open_connection("127.0.0.1", port)
    with suppress(OSError):
        await asyncio.gather(_pump(client[0], server[1]), _pump(server[0], client[1]))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.close()
