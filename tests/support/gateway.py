"""An HTTP server in front of a real worker: a gateway with a path prefix, a proxy, or an unreliable connection."""

from __future__ import annotations

import http.client
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Disconnect:
    """Closes the connection of the next `times` requests whose `METHOD /path` matches.

    Args:
        when: "before" the request is forwarded, "after" the worker has responded, or "half" way through its response.
        then: called after the worker has responded and before the connection is closed.
    """

    match: str
    when: str = "after"
    times: int = 1
    then: Callable[[], object] | None = None


class Gateway:
    """See the module.

    Args:
        target: the worker's address.
        prefix: removed from every path; paths without it get a 404.
        required_headers: requests without these get a 401.
        authorized: whether a request with this `Authorization` header may pass; else it gets a 401.

    Attributes:
        disconnects: see `Disconnect`.
        requests: the recorded requests, as `METHOD /path`.
        rejected: how many requests got a 401.
    """

    def __init__(
        self,
        target: str,
        prefix: str = "",
        required_headers: Mapping[str, str] | None = None,
        authorized: Callable[[str | None], bool] | None = None,
    ) -> None:
        self.target = urlsplit(target)
        self.authorized = authorized or (lambda _authorization: True)
        self.rejected = 0
        self.required_headers = dict(required_headers or {})
        self.prefix = prefix
        self.disconnects: list[Disconnect] = []
        self.requests: list[str] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return self.address + self.prefix

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def record(self, line: str) -> Disconnect | None:
        """Record a request; returns how its connection is to be closed, if at all."""
        with self._lock:
            self.requests.append(line)
            for disconnect in self.disconnects:
                if disconnect.times > 0 and re.fullmatch(disconnect.match, line):
                    disconnect.times -= 1
                    return disconnect
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections are closed on purpose: print nothing."""


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 2**16

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

        def _serve(self) -> None:
            path = urlsplit(self.path)._replace(scheme="", netloc="").geturl()  # a request to a proxy has the whole URL
            if not path.startswith(gateway.prefix):
                self.send_error(404)
                return
            path = path.removeprefix(gateway.prefix)
            missing = any(self.headers.get(name) != value for name, value in gateway.required_headers.items())
            if missing or not gateway.authorized(self.headers.get("Authorization")):
                gateway.rejected += 1
                self.send_error(401)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            disconnect = gateway.record(f"{self.command} {path.partition('?')[0]}")
            if disconnect is not None and disconnect.when == "before":
                self._disconnect()
                return
            status, headers, response = self._forward(path, body)
            if disconnect is not None and disconnect.then is not None:
                disconnect.then()
            if disconnect is not None and disconnect.when == "after":
                self._disconnect()
                return
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(response)))
            self.end_headers()
            self.wfile.write(response if disconnect is None else response[: len(response) // 2])
            if disconnect is not None:
                self.wfile.flush()
                self._disconnect()

        def _forward(self, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            worker = http.client.HTTPConnection(gateway.target.hostname or "", gateway.target.port, timeout=120)
            try:
                kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
                worker.request(self.command, path, body or None, kept)
                response = worker.getresponse()
                return response.status, response.getheaders(), response.read()
            finally:
                worker.close()

        def _disconnect(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def do_CONNECT(self) -> None:
            gateway.record(f"CONNECT {self.path}")
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as worker:
                self.send_response(200)
                self.end_headers()
                self.wfile.flush()
                ends = {self.connection: worker, worker: self.connection}
                while True:
                    readable, _, _ = select.select(list(ends), [], [], 30)
                    pieces = [(end, end.recv(65536)) for end in readable]
                    if not pieces or not all(data for _, data in pieces):
                        break
                    for end, data in pieces:
                        ends[end].sendall(data)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815

    return Handler


@contextmanager
def gateway_to(
    target: str,
    prefix: str = "",
    required_headers: Mapping[str, str] | None = None,
    authorized: Callable[[str | None], bool] | None = None,
) -> Iterator[Gateway]:
    gateway = Gateway(target, prefix, required_headers, authorized)
    try:
        yield gateway
    finally:
        gateway.stop()
