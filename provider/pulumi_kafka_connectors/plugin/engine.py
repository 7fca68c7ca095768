"""The engine as the plugin sees it: where warnings and progress appear at the resource that they are about."""

from __future__ import annotations

import threading
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from pulumi_kafka_connectors.core.operation import Listener

LOG_SECONDS: Final = 5.0
"""Seconds that the engine may take to receive a message."""


class Engine:
    """The engine that started this process, or attached to it.

    Args:
        address: `host:port` of the engine's own server; without one, messages go nowhere.
    """

    def __init__(self, address: str = "") -> None:
        self._lock = threading.Lock()
        self._warned: set[tuple[str, str]] = set()
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self.attach(address)

    def attach(self, address: str) -> None:
        """Send messages to the engine at this address from now on."""
        with self._lock:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None

    def log(self, text: str, urn: str, *, warning: bool) -> None:
        """Show one line at a resource: a warning once, or progress until the next line. Failing to do so is no failure."""
        with self._lock:
            stub, known = self._stub, (urn, text) in self._warned
            if warning:
                self._warned.add((urn, text))
        if stub is None or (warning and known):
            return
        severity = engine_pb2.LogSeverity.Value("WARNING" if warning else "INFO")
        request = engine_pb2.LogRequest(severity=severity, message=text, urn=urn, ephemeral=not warning)
        try:
            stub.Log(request, timeout=LOG_SECONDS)
        except grpc.RpcError:
            return


class ResourceLog(Listener):
    """Shows what an operation says at its resource."""

    def __init__(self, engine: Engine, urn: str) -> None:
        self._engine, self._urn = engine, urn

    def warn(self, text: str) -> None:
        """A warning, kept in the summary."""
        self._engine.log(text, self._urn, warning=True)

    def progress(self, text: str) -> None:
        """What is being waited for, on the resource's own line."""
        self._engine.log(text, self._urn, warning=False)
