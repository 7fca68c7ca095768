"""A fake Kafka Connect worker with an HTTP server, for faults that cannot be provoked on a real one.

It responds as `connect_model` does, except to requests that match one of its `faults`; the first match wins.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pulumi_kafka_connectors.connect import SYSTEM, Clock
from tests.support.connect_model import ConnectModel, Group, Request, connect_error

__all__ = ["FakeWorker", "Fault", "Group", "Request", "connect_error", "fake_group", "fake_worker"]

_JSON = b"Content-Type: application/json\r\n"
_DRIPS = {
    "drip-header": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
    "drip-continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drip-body": (b"HTTP/1.1 200 OK\r\n" + _JSON + b"Content-Length: 1000000\r\n\r\n", b" "),
    "drip-chunk": (b"HTTP/1.1 200 OK\r\n" + _JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "drip-error": (b"HTTP/1.1 500 Oh\r\n" + _JSON + b"Content-Length: 1000000\r\n\r\n", b" "),
}
"""What is sent at once, and what is sent repeatedly until the client disconnects."""


@dataclass
class Fault:
    """Applies to the next `times` requests whose `METHOD /path` matches.

    Args:
        match: a regular expression for the whole `METHOD /path`.
        status, body, headers: the response; a body that is not bytes is sent as JSON. Without a status, the worker's
            usual response.
        act: whether the worker processes the request before the fault.
        close: closes the connection instead of responding: "now", or "half" after half the body. Or sends a response that
            never ends: "drip-header", "drip-continue" (100), "drip-body", "drip-chunk", "drip-error" (a 500).
        delay: seconds before the response.
    """

    match: str
    status: int | None = None
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    act: bool = False
    close: str = ""
    delay: float = 0.0
    times: int = 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, worker: FakeWorker, tls: ssl.SSLContext | None) -> None:
        self._worker = worker
        self._tls = tls
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Some tests disconnect on purpose: print nothing."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        worker = self._worker
        with worker.connected(request) as broken:
            if broken == "reset":
                if self._tls is not None:
                    request.recv(65536)  # Python leaves a socket open that is reset before its handshake begins
                request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if broken:
                request.close()
                return
            if self._tls is None:
                _Handler(worker, request, client_address, self)
                return
            with self._tls.wrap_socket(request, server_side=True) as secured:
                _Handler(worker, secured, client_address, self)


class FakeWorker(ConnectModel):
    """See the module.

    Attributes:
        faults: see `Fault`.
        requests: the recorded requests.
        handshakes: how the next connections fail before the first request, in order: "close", "reset", or "" for none.
        accepted_connections, open_connections: the number of connections so far, and now.
        active, peak_active: the number of concurrent requests, now and at most.
    """

    def __init__(
        self,
        version: str = "4.3.0",
        clock: Clock = SYSTEM,
        group: Group | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(version, clock, group)
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.handshakes: list[str] = []
        self.accepted_connections = 0
        self.active = self.peak_active = 0
        self.stopping = threading.Event()
        self._scheme = "http" if tls is None else "https"
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._server = _Server(self, tls)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def open_connections(self) -> int:
        with self._lock:
            return len(self._sockets)

    def stop(self) -> None:
        """Refuse new connections and close the open ones."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._server.socket.shutdown(socket.SHUT_RDWR)  # so that the thread notices at once
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def lines(self, *, excluding: str = r"$^") -> list[str]:
        """`METHOD /path` of every recorded request, in order, except those that match."""
        return [request.line for request in self.requests if not re.match(excluding, request.line)]

    def writes(self) -> list[str]:
        return [line for line in self.lines(excluding="GET") if "/validate" not in line]

    @contextmanager
    def connected(self, sock: socket.socket) -> Iterator[str]:
        """Count a connection while it is open; yields how it is to fail, or an empty string."""
        # A duplicate, since wrapping the socket for TLS closes the original object.
        watched = sock.dup()
        with self._lock:
            self.accepted_connections += 1
            self._sockets.append(watched)
            broken = self.handshakes.pop(0) if self.handshakes else ""
        try:
            if broken:
                watched.close()
            yield broken
        finally:
            with self._lock:
                self._sockets.remove(watched)
            with contextlib.suppress(OSError):
                watched.shutdown(socket.SHUT_RDWR)
            watched.close()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a request while it is active."""
        with self._lock:
            self.active += 1
            self.peak_active = max(self.peak_active, self.active)
        try:
            yield
        finally:
            with self._lock:
                self.active -= 1

    def fault_for(self, line: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and re.fullmatch(fault.match, line):
                    fault.times -= 1
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16  # header and body in one packet, since a second one would wait for an acknowledgement

    def __init__(self, worker: FakeWorker, *args: Any) -> None:
        self._worker = worker
        super().__init__(*args)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return

    def finish(self) -> None:
        # Close both even if the client has disconnected: the socket stays open as long as one of them is.
        for file in (self.wfile, self.rfile):
            with contextlib.suppress(OSError):
                file.close()

    def _serve(self) -> None:
        with self._worker.counted():
            self._serve_one()

    def _serve_one(self) -> None:
        worker, parts = self._worker, urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        request = Request(self.command, parts.path, parse_qs(parts.query), dict(self.headers.items()), body)
        worker.requests.append(request)
        fault = worker.fault_for(request.line)
        if fault is None:
            self._respond(*worker.act(request), {})
            return
        usual = worker.act(request) if fault.act or (fault.status is None and not fault.close) else (500, None)
        if fault.delay:
            worker.stopping.wait(fault.delay)
        if fault.close:
            self._close(fault)
            return
        status, body = usual if fault.status is None else (fault.status, fault.body)
        self._respond(status, body, fault.headers)

    def _respond(self, status: int, body: Any, headers: dict[str, str]) -> None:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def _close(self, fault: Fault) -> None:
        self.close_connection = True
        if fault.close == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
            self.wfile.flush()
        elif fault.close in _DRIPS:
            self._drip(*_DRIPS[fault.close])
        self.connection.shutdown(socket.SHUT_RDWR)

    def _drip(self, start: bytes, piece: bytes) -> None:
        self.wfile.write(start)
        while not self._worker.stopping.wait(0.02):
            self.wfile.write(piece)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815


@contextmanager
def fake_worker(
    version: str = "4.3.0", clock: Clock = SYSTEM, group: Group | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[FakeWorker]:
    worker = FakeWorker(version, clock, group, tls)
    try:
        yield worker
    finally:
        worker.stop()


@contextmanager
def fake_group(count: int, lag: float = 0.0, version: str = "4.3.0", clock: Clock = SYSTEM) -> Iterator[list[FakeWorker]]:
    """Start the workers of a group: a leader, and followers that see each change `lag` seconds later."""
    group = Group()
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(fake_worker(version, clock, group)) for _ in range(count)]
        group.followers = list(workers[1:])
        for follower in workers[1:]:
            follower.lag = lag
        yield workers
