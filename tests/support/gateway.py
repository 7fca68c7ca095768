"""An HTTP server between provider and a real worker: a gateway with a path prefix, a proxy, or a line that gets cut."""

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
class Cut:
    """What happens to the next `times` requests whose `METHOD /path` matches.

    Args:
        where: "before" the worker sees the request, "after" it has answered, or "half" way through its answer.
        then: called after the worker has answered and before the line is cut.
    """

    match: str
    where: str = "after"
    times: int = 1
    then: Callable[[], object] | None = None


class Gateway:
    """See the module.

    Args:
        target: the worker's address.
        prefix: taken off paths; others are 404.
        demands: headers without which a request is 401.
    """

    def __init__(self, target: str, prefix: str = "", demands: Mapping[str, str] | None = None) -> None:
        self.target = urlsplit(target)
        self.demands = dict(demands or {})
        self.prefix = prefix
        self.cuts: list[Cut] = []
        self.seen: list[str] = []
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

    def cut_for(self, line: str) -> Cut | None:
        with self._lock:
            self.seen.append(line)
            for cut in self.cuts:
                if cut.times > 0 and re.fullmatch(cut.match, line):
                    cut.times -= 1
                    return cut
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Lines are cut here on purpose."""


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 2**16

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

        def _serve(self) -> None:
            path = urlsplit(self.path)._replace(scheme="", netloc="").geturl()  # a proxy is asked with the whole address
            if not path.startswith(gateway.prefix):
                self.send_error(404)
                return
            path = path.removeprefix(gateway.prefix)
            if any(self.headers.get(name) != value for name, value in gateway.demands.items()):
                self.send_error(401)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            cut = gateway.cut_for(f"{self.command} {path.partition('?')[0]}")
            if cut is not None and cut.where == "before":
                self._hang_up()
                return
            status, headers, answer = self._ask(path, body)
            if cut is not None and cut.then is not None:
                cut.then()
            if cut is not None and cut.where == "after":
                self._hang_up()
                return
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer if cut is None else answer[: len(answer) // 2])
            if cut is not None:
                self.wfile.flush()
                self._hang_up()

        def _ask(self, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            worker = http.client.HTTPConnection(gateway.target.hostname or "", gateway.target.port, timeout=120)
            try:
                kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
                worker.request(self.command, path, body or None, kept)
                answer = worker.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                worker.close()

        def _hang_up(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def do_CONNECT(self) -> None:
            gateway.cut_for(f"CONNECT {self.path}")
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
def gateway_to(target: str, prefix: str = "", demands: Mapping[str, str] | None = None) -> Iterator[Gateway]:
    made = Gateway(target, prefix, demands)
    try:
        yield made
    finally:
        made.stop()
