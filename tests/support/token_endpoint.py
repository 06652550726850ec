"""An identity provider's token endpoint, for one client, with the unsigned JWTs that Kafka takes in tests."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote_plus

CLIENT, SECRET = "loader", "s3cret:with/odd+signs"


def unsigned_token(*, seconds: float = 600) -> str:
    now = time.time()
    parts = ({"alg": "none"}, {"sub": CLIENT, "iat": now, "exp": now + seconds})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        pair = base64.b64encode(f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}".encode()).decode()
        is_right = self.headers["Authorization"] == f"Basic {pair}" and form["grant_type"] == ["client_credentials"]
        self.send_response(200 if is_right else 401)
        self.end_headers()
        if is_right:
            self.wfile.write(json.dumps({"access_token": unsigned_token(), "expires_in": 600}).encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@contextmanager
def token_endpoint() -> Iterator[str]:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/token"
    finally:
        server.shutdown()
        server.server_close()
