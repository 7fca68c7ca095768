"""A small Kafka Connect worker over real HTTP, for faults that a real one cannot be made to show on demand.

It keeps connectors in memory and answers as Kafka 4.3 does; `faults` are answered, in order, instead of or after that.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, Any]


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Fault:
    """What happens to the next `times` requests whose `METHOD /path` matches.

    Args:
        match: regular expression for the whole of `METHOD /path`.
        status, body, headers: the answer; a body that is not bytes is sent as JSON. None: the worker's own answer.
        act: whether the worker acts on the request before it fails.
        close: close the connection instead of answering; "half" after half the body, "hang" after `delay`.
        delay: seconds before the answer.
    """

    match: str
    status: int | None = None
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    act: bool = False
    close: str = ""
    delay: float = 0.0
    times: int = 1


def connect_error(status: int, message: str) -> dict[str, Any]:
    return {"error_code": status, "message": message}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class FakeWorker:
    """See the module."""

    def __init__(self, version: str = "4.3.0") -> None:
        self.version = version
        self.connectors: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.plugins: dict[str, list[dict[str, Any]]] = {"testing.FaultySource": _keys(), "testing.IdleSink": []}
        self.masks: set[str] = set()
        self.extra: dict[str, str] = {}
        self.invalid: Callable[[dict[str, str]], dict[str, list[str]]] = lambda _config: {}
        self.failing: Callable[[dict[str, str]], str | None] = lambda _config: None
        self.starts = self.lags = 0.0
        """Seconds until new tasks run, and until tasks get a changed configuration."""
        self.busy = self.busiest = 0
        """Requests under way, now and at most."""
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def lines(self, *, but: str = r"$^") -> list[str]:
        """Method and path of every request, in order, without those that match."""
        return [request.line for request in self.requests if not re.match(but, request.line)]

    def writes(self) -> list[str]:
        return [line for line in self.lines(but="GET") if "/validate" not in line]

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count one more request under way."""
        with self._lock:
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
        try:
            yield
        finally:
            with self._lock:
                self.busy -= 1

    def fault_for(self, line: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and re.fullmatch(fault.match, line):
                    fault.times -= 1
                    return fault
        return None

    # What a worker does

    def act(self, request: Request) -> Answer:
        parts = [unquote(part) for part in request.path.strip("/").split("/") if part]
        with self._lock:
            match [request.method, *parts]:
                case ["GET"]:
                    return 200, {"version": self.version, "commit": "c", "kafka_cluster_id": "k"}
                case ["GET", "connectors"]:
                    return 200, self._listing(request.query.get("expand", []))
                case ["POST", "connectors"]:
                    return self._create(request.body)
                case ["GET", "connector-plugins"]:
                    return 200, [{"class": name, "type": "source", "version": "7.1"} for name in self.plugins]
                case ["GET", "connector-plugins", plugin, "config"]:
                    return 200, self.plugins.get(plugin, [])
                case ["PUT", "connector-plugins", plugin, "config", "validate"]:
                    return self._validate(plugin, request.body)
                case [method, "connectors", name, *rest]:
                    return self._connector(method, name, rest, request)
        return 404, connect_error(404, "HTTP 404 Not Found")

    def _listing(self, expand: list[str]) -> Any:
        if not expand:
            return list(self.connectors)
        entries = {}
        for name in self.connectors:
            entries[name] = {
                **({"info": self._info(name)} if "info" in expand else {}),
                **({"status": self._status(name)} if "status" in expand else {}),
            }
        return entries

    def _create(self, body: Any) -> Answer:
        name = body["name"]
        if name in self.connectors:
            return 409, connect_error(409, f"Connector {name} already exists")
        state = body.get("initial_state") or "RUNNING"
        config = {**body["config"], "name": name}
        self.connectors[name] = {"config": config, "state": state, "runs": time.monotonic() + self.starts}
        return 201, self._info(name)

    def _connector(self, method: str, name: str, rest: list[str], request: Request) -> Answer:  # noqa: C901
        if (method, rest) == ("PUT", ["config"]):
            known = name in self.connectors
            entry = self.connectors.setdefault(name, {"state": "RUNNING"})
            entry["former"] = (entry.get("config"), time.monotonic() + self.lags)
            entry["config"] = {**request.body, "name": name}
            return 200 if known else 201, self._info(name)
        if name not in self.connectors:
            what = "No status found for connector" if rest == ["status"] else "Connector"
            return 404, connect_error(404, f"{what} {name}" + ("" if rest == ["status"] else " not found"))
        entry = self.connectors[name]
        match [method, *rest]:
            case ["GET"]:
                return 200, self._info(name)
            case ["GET", "config"]:
                return 200, self._shown(name)
            case ["GET", "status"]:
                return 200, self._status(name)
            case ["GET", "tasks"]:
                return 200, [{"id": {"connector": name, "task": 0}, "config": self._used(name)}] * self._task_count(name)
            case ["DELETE"]:
                del self.connectors[name]
                return 204, None
            case ["PUT", ("pause" | "resume" | "stop") as verb]:
                entry["state"] = {"pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}[verb]
                return (204 if verb == "stop" else 202), None
            case ["POST", "restart"]:
                entry.pop("broken", None)
                return (202, self._status(name)) if request.query else (204, None)
            case ["PATCH" | "DELETE", "offsets"]:
                return 200, {"message": "The offsets for this connector have been altered successfully"}
        return 404, connect_error(404, "HTTP 404 Not Found")

    def _task_count(self, name: str) -> int:
        return 0 if self.connectors[name]["state"] == "STOPPED" else 1

    def _used(self, name: str) -> dict[str, str]:
        """The configuration that the tasks have."""
        former: dict[str, str] | None
        config: dict[str, str] = self.connectors[name]["config"]
        former, until = self.connectors[name].get("former", (None, 0.0))
        return former if former is not None and time.monotonic() < until else config

    def _shown(self, name: str) -> dict[str, str]:
        config = {**self.connectors[name]["config"], **self.extra}
        return {key: "********" if key in self.masks else value for key, value in config.items()}

    def _info(self, name: str) -> dict[str, Any]:
        tasks = [{"connector": name, "task": 0}] * self._task_count(name)
        return {"name": name, "config": self._shown(name), "tasks": tasks, "type": "source"}

    def _status(self, name: str) -> dict[str, Any]:
        entry = self.connectors[name]
        state = {"state": entry["state"], "worker_id": "127.0.0.1:8083", "version": "7.1"}
        trace = entry.get("broken") or self.failing(self._used(name))
        task = {"id": 0, **state, **({"state": "FAILED", "trace": trace} if trace else {})}
        if time.monotonic() < entry.get("runs", 0.0):
            task["state"] = "UNASSIGNED"
        return {"name": name, "connector": state, "tasks": [task] * self._task_count(name), "type": "source"}

    def _validate(self, plugin: str, config: dict[str, str]) -> Answer:
        if plugin not in self.plugins:
            text = f"Failed to find any class that implements Connector and which name matches {plugin}"
            return 400, connect_error(400, f"{text}, available connectors are: X")
        errors = self.invalid(config)
        keys = {key["name"]: key for key in self.plugins[plugin]}
        configs = []
        for name in keys.keys() | errors.keys():
            hidden = keys.get(name, {}).get("type") == "PASSWORD" and name in config
            value = {
                "name": name,
                "value": "[hidden]" if hidden else config.get(name),
                "recommended_values": [],
                "errors": errors.get(name, []),
                "visible": True,
            }
            configs.append({"definition": keys.get(name), "value": value})
        return 200, {"name": plugin, "error_count": len(errors), "groups": [], "configs": configs}


def _keys() -> list[dict[str, Any]]:
    kinds = {"rate": "INT", "pin": "PASSWORD", "topic": "STRING", "file": "STRING"}
    return [{"name": name, "type": kind, "required": False, "importance": "LOW"} for name, kind in kinds.items()]


def _handler(worker: FakeWorker) -> type[BaseHTTPRequestHandler]:  # noqa: C901
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 2**16  # header and body in one packet: two would wait for each other

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

        def _serve(self) -> None:
            with worker.counted():
                self._serve_one()

        def _serve_one(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw) if raw else None
            request = Request(self.command, parts.path, parse_qs(parts.query), dict(self.headers.items()), body)
            worker.requests.append(request)
            fault = worker.fault_for(request.line)
            if fault is None:
                self._answer(*worker.act(request), {})
                return
            own = worker.act(request) if fault.act or (fault.status is None and not fault.close) else (500, None)
            if fault.delay:
                time.sleep(fault.delay)
            if fault.close:
                self._close(fault)
                return
            status, answer = own if fault.status is None else (fault.status, fault.body)
            self._answer(status, answer, fault.headers)

        def _answer(self, status: int, answer: Any, headers: dict[str, str]) -> None:
            data = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            for key, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(data)

        def _close(self, fault: Fault) -> None:
            if fault.close == "half":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
                self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815

    return Handler


@contextmanager
def fake_worker(version: str = "4.3.0") -> Iterator[FakeWorker]:
    worker = FakeWorker(version)
    try:
        yield worker
    finally:
        worker.stop()
