"""A token server: it issues bearer tokens to a client for its credentials, and knows which of them are still valid."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pulumi_kafka_connectors.connect import SYSTEM, Clock, OAuth
from pulumi_kafka_connectors.connect.oauth import basic_credentials

CLIENT, CLIENT_SECRET = "deployer", "pl4nted s:cret/ü"


@dataclass
class Reply:
    """What the server answers instead of a token; a body that is not bytes is sent as JSON, "drip" never ends, "close" is no answer."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class TokenServer:
    """See the module.

    Attributes:
        lifetime: seconds for which tokens are valid, None for ever; the answer tells it, as `expires_in`.
        replies: what is answered instead to the next requests, in order.
        delay: seconds before each answer.
        bodies: of the requests, in order.
        issued: the tokens.
    """

    def __init__(self, lifetime: float | None = None, clock: Clock = SYSTEM, tls: ssl.SSLContext | None = None) -> None:
        self.lifetime, self.clock = lifetime, clock
        self.replies: list[Reply] = []
        self.delay = 0.0
        self.bodies: list[str] = []
        self.issued: dict[str, float] = {}
        self._revoked: set[str] = set()
        self._lock = threading.Lock()
        self.stopping = threading.Event()
        self._scheme = "http" if tls is None else "https"
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}/oauth/token"

    def client(self, **changes: Any) -> OAuth:
        """The credentials that the server knows."""
        return OAuth(**{"token_url": self.url, "client_id": CLIENT, "client_secret": CLIENT_SECRET, **changes})

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def accepts(self, authorization: str | None) -> bool:
        """Whether this header holds a token that was issued, has not ended and was not revoked."""
        token = (authorization or "").removeprefix("Bearer ")
        with self._lock:
            return token not in self._revoked and self.clock.now() < self.issued.get(token, 0.0)

    def revoke(self) -> None:
        """Reject every token issued so far."""
        with self._lock:
            self._revoked |= self.issued.keys()

    def answer(self, authorization: str | None, body: str) -> Reply:
        with self._lock:
            self.bodies.append(body)
            if self.replies:
                return self.replies.pop(0)
            if authorization != f"Basic {basic_credentials(CLIENT, CLIENT_SECRET)}":
                return Reply(401, {"error": "invalid_client", "error_description": "unknown client or wrong secret"})
            token = f"pl4nted-token-{len(self.issued)}-{time.monotonic_ns()}"
            seconds = float("inf") if self.lifetime is None else self.lifetime
            self.issued[token] = self.clock.now() + seconds
            told = {} if self.lifetime is None else {"expires_in": int(self.lifetime)}
            return Reply(200, {"access_token": token, "token_type": "Bearer", **told}, delay=self.delay)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients disconnect on purpose: print nothing."""


def _handler(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 2**16

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

        def finish(self) -> None:
            for file in (self.wfile, self.rfile):  # what was not sent, the client does not want any more
                with contextlib.suppress(OSError):
                    file.close()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            reply = server.answer(self.headers.get("Authorization"), body)
            server.stopping.wait(reply.delay)
            if reply.body == "close":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            length = str(10**6 if reply.body == "drip" else len(data))
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", "Content-Length": length, **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.body == "drip":
                while not server.stopping.wait(0.02):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            self.wfile.write(data)

    return Handler


@contextmanager
def token_server(
    lifetime: float | None = None, clock: Clock = SYSTEM, tls: ssl.SSLContext | None = None
) -> Iterator[TokenServer]:
    server = TokenServer(lifetime, clock, tls)
    try:
        yield server
    finally:
        server.stop()
