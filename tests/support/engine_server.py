"""The engine's own server, as far as a plugin uses it: it records the messages that it receives."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from tests.support.engine import SECRET_PATTERN


@dataclass(frozen=True)
class Message:
    """A line that the engine shows at a resource."""

    severity: str
    text: str
    urn: str
    ephemeral: bool


class EngineServer(engine_pb2_grpc.EngineServicer):
    """See the module.

    Attributes:
        address: where plugins find it.
        messages: what it has received.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(4))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Log(self, request: Any, context: Any) -> Empty:  # noqa: N802 - the protocol's name
        severity = engine_pb2.LogSeverity.Name(request.severity)
        with self._lock:
            self.messages.append(Message(severity, request.message, request.urn, request.ephemeral))
        return Empty()

    def stop(self) -> None:
        """Stop; fails if a message contained a secret of the tests."""
        self._server.stop(None).wait()
        texts = "\n".join(message.text for message in self.messages)
        assert not re.search(SECRET_PATTERN, texts), "a message contains a secret of the tests"


@contextmanager
def engine_server() -> Iterator[EngineServer]:
    server = EngineServer()
    try:
        yield server
    finally:
        server.stop()
