"""The processes that the engine starts for the resources of this package, driven over gRPC without the engine.

`Host` is the SDK's host of dynamic providers, `PluginHost` the plugin of this package. Both have the same methods, so that a
test runs through either; what differs between them is an attribute or a method of both.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing.connection import Connection
from typing import Any, ClassVar

import grpc
from google.protobuf import json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from tests.support.engine import SECRET_PATTERN

PROVIDER = "gASVPAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjBFDb25uZWN0b3JQcm92aWRlcpSTlClSlC4="
TOPIC_PROVIDER = "gASVOAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjA1Ub3BpY1Byb3ZpZGVylJOUKVKULg=="
"""The pickled providers as stored in users' states; they must never change."""
HOST_SHOWS_EXCEPTIONS = [int(part) for part in version("pulumi").split(".")[:2]] >= [3, 260]
"""Whether the SDK's host puts the traceback into an error of a provider; before 3.260 it is the text alone."""
_PROVIDERS = {"Connector": PROVIDER, "Topic": TOPIC_PROVIDER}
_DETAILS = "grpc-status-details-bin"
_SECONDS = 120.0
"""How long a call may take."""
_LIMITS = [(f"grpc.{name}", 16 << 20) for name in ("max_metadata_size", "absolute_max_metadata_size")]
"""As for the engine: its gRPC library takes 16 MiB of metadata, which may hold all properties of a resource."""


def struct_of(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties in wire form; secrets given in wire form stay as they are."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rpc.serialize_properties(dict(values), {}))
    finally:
        loop.close()


def values_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Properties as sent over gRPC, without `__provider`; secrets and unknown values keep their wire form."""
    return {key: value for key, value in json_format.MessageToDict(struct).items() if key != "__provider"}


def plain(values: Any) -> Any:
    """The values without their secret markers."""
    if isinstance(values, dict):
        if values.get(rpc._special_sig_key) == rpc._special_secret_sig:
            return plain(values["value"])
        return {key: plain(value) for key, value in values.items()}
    return [plain(value) for value in values] if isinstance(values, list) else values


def secret(value: Any) -> dict[str, Any]:
    """The wire form of a secret."""
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def remains_of(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed | None:
    """What the failure of an operation left on the cluster, for the engine to record; None if nothing."""
    status = _status_of(error)
    if status is None or not status.details:
        return None
    assert len(status.details) == 1
    remains = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(remains)
    return remains


def _status_of(error: grpc.RpcError) -> status_pb2.Status | None:
    found = [value for key, value in error.trailing_metadata() or () if key == _DETAILS]
    return status_pb2.Status.FromString(found[0]) if found else None


def _texts_for_people(error: grpc.RpcError) -> list[str]:
    remains, status = remains_of(error), _status_of(error)
    return [str(error.details()), *([status.message] if status else []), *(remains.reasons if remains else [])]


class _CheckedStub:
    """A gRPC stub that fails the test if an error or a failure of a check contains a secret of the tests."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, name: str) -> Any:
        def call(request: Any, timeout: float = _SECONDS) -> Any:
            try:
                response = getattr(self._stub, name)(request, timeout=timeout)
            except grpc.RpcError as error:
                if re.search(SECRET_PATTERN, "\n".join(_texts_for_people(error))):
                    raise AssertionError("an error contains a secret of the tests") from error
                raise
            for failure in getattr(response, "failures", ()):
                assert not re.search(SECRET_PATTERN, failure.reason), "a failure of a check contains a secret of the tests"
                assert failure.property == "", "the engine prints the value of a property that a failure names"
            return response

        return call


class Host:
    """Calls the operations of one resource type in the SDK's host of dynamic providers.

    Attributes:
        front_end: which front end this is.
        changed: how `diff` answers that inputs differ; the engine compares them itself for dynamic providers.
        stub: the gRPC stub, for requests that no method makes.
        urn: of the resource that all operations are about.
        pid: of the process.
    """

    front_end: ClassVar[str] = "dynamic"
    changed: ClassVar[int] = provider_pb2.DiffResponse.DIFF_UNKNOWN

    def __init__(self, port: int, resource: str = "Connector", pid: int = 0, provider: str = "") -> None:
        self.port, self.pid = port, pid
        self._resource, self._provider = resource, provider or _PROVIDERS[resource]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", _LIMITS)
        self.stub = _CheckedStub(provider_pb2_grpc.ResourceProviderStub(self._channel))
        self.urn = f"urn:pulumi:test::test::{self._type()}::a"

    def close(self) -> None:
        self._channel.close()

    def error(self, text: str) -> str:
        """How an error with this text arrives."""
        return f"KafkaConnectorsError: {text}\n" if HOST_SHOWS_EXCEPTIONS else f"Exception calling application: {text}"

    def struct(self, values: Mapping[str, Any]) -> struct_pb2.Struct:
        """Properties as the engine sends them: to dynamic providers without marks of secrets."""
        return struct_of({**plain(dict(values)), "__provider": self._provider})

    def configure(self, **config: str) -> None:
        args = struct_pb2.Struct()
        args.update(self._settings(config))
        self.stub.Configure(provider_pb2.ConfigureRequest(args=args))

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
        request = provider_pb2.CheckRequest(urn=self.urn, olds=self.struct(olds or {}), news=self.struct(news))
        response = self.stub.Check(request)
        return values_of(response.inputs), [failure.reason for failure in response.failures]

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        return self.stub.Diff(provider_pb2.DiffRequest(id="a", urn=self.urn, olds=self.struct(olds), news=self.struct(news)))

    def create(self, props: Mapping[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
        """`more` are further fields of the request, as for the methods below."""
        response = self.stub.Create(provider_pb2.CreateRequest(urn=self.urn, properties=self.struct(props), **more))
        return response.id, values_of(response.properties)

    def read(self, id_: str, props: Mapping[str, Any], **more: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
        request = provider_pb2.ReadRequest(
            id=id_, urn=self.urn, properties=self.struct(props), inputs=self.struct({}), **more
        )
        response = self.stub.Read(request)
        return response.id, values_of(response.properties), values_of(response.inputs)

    def update(self, olds: Mapping[str, Any], news: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            id=str(olds["name"]), urn=self.urn, olds=self.struct(olds), news=self.struct(news), **more
        )
        return values_of(self.stub.Update(request).properties)

    def delete(self, id_: str, props: Mapping[str, Any], **more: Any) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(id=id_, urn=self.urn, properties=self.struct(props), **more))

    def _type(self) -> str:
        return f"pulumi-python:dynamic/kafka-connectors:{self._resource}"

    def _settings(self, config: Mapping[str, Any]) -> dict[str, Any]:
        return {f"kafka-connectors:{key}": value for key, value in config.items()}


class PluginHost(Host):
    """Calls the operations of one resource type in the plugin of this package."""

    front_end: ClassVar[str] = "plugin"
    changed: ClassVar[int] = provider_pb2.DiffResponse.DIFF_SOME

    def error(self, text: str) -> str:
        return text

    def struct(self, values: Mapping[str, Any]) -> struct_pb2.Struct:
        return struct_of(values)

    def cancel(self) -> None:
        self.stub.Cancel(Empty())

    def invoke(self, function: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a function, given by its name without the package."""
        request = provider_pb2.InvokeRequest(tok=f"kafka-connectors:index:{function}", args=self.struct(arguments))
        return values_of(getattr(self.stub.Invoke(request), "return"))

    def check_config(self, **settings: Any) -> list[str]:
        urn = "urn:pulumi:test::test::pulumi:providers:kafka-connectors::p"
        request = provider_pb2.CheckRequest(urn=urn, news=self.struct(settings))
        return [failure.reason for failure in self.stub.CheckConfig(request).failures]

    def _type(self) -> str:
        return f"kafka-connectors:index:{self._resource}"

    def _settings(self, config: Mapping[str, Any]) -> dict[str, Any]:
        return dict(config)


_HOSTS: dict[str, type[Host]] = {"dynamic": Host, "plugin": PluginHost}
_MODULES = {"dynamic": "pulumi.dynamic", "plugin": "pulumi_kafka_connectors.plugin"}
FRONT_ENDS = tuple(_HOSTS)


@contextmanager
def host(
    environment: Mapping[str, str] | None = None,
    front_end: str = "dynamic",
    *,
    resource: str = "Connector",
    engine: str = "",
) -> Iterator[Host]:
    """Start a process as the engine does; this takes up to half a second of computing, see `forked_host`.

    Args:
        environment: added to that of this process.
        front_end: `dynamic` or `plugin`.
        resource: the type of the resources.
        engine: address of the engine, which the plugin sends messages to.
    """
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", _MODULES[front_end], *([engine] if engine else [])],
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        text=True,
    )
    assert process.stdout is not None
    plugin = _HOSTS[front_end](int(process.stdout.readline()), resource, process.pid)
    try:
        yield plugin
    finally:
        plugin.close()
        process.kill()
        process.wait()
        process.stdout.close()


_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "tests.support.host",
        "pulumi.dynamic",
        "pulumi_kafka_connectors.dynamic",
        "pulumi_kafka_connectors.core.connectors",
        "pulumi_kafka_connectors.core.topics",
        "pulumi_kafka_connectors.connect.client",
        "pulumi_kafka_connectors.plugin.server",
        "pulumi_kafka_connectors.plugin.functions",
    ]
)


@contextmanager
def forked_host(
    environment: Mapping[str, str] | None = None,
    front_end: str = "dynamic",
    *,
    resource: str = "Connector",
    engine: str = "",
) -> Iterator[Host]:
    """Like `host`, but the process is forked from one that has already imported what such a process imports.

    Each call starts a process of its own; only the imports are shared. `tests/wire/test_host.py` starts it as the engine does.
    """
    receiving, sending = _FORKS.Pipe(duplex=False)
    arguments = (_MODULES[front_end], sending, [engine] if engine else [], {**os.environ, **(environment or {})})
    process = _FORKS.Process(target=_run, args=arguments, daemon=True)
    process.start()
    sending.close()
    with receiving, open(receiving.fileno(), encoding="ascii", closefd=False) as stdout:
        plugin = _HOSTS[front_end](int(stdout.readline()), resource, process.pid or 0)
    try:
        yield plugin
    finally:
        plugin.close()
        process.kill()
        process.join()
        process.close()


@contextmanager
def forked_plugin(environment: Mapping[str, str] | None = None, *, engine: str = "") -> Iterator[PluginHost]:
    """`forked_host` for the plugin of this package."""
    with forked_host(environment, "plugin", engine=engine) as plugin:
        assert isinstance(plugin, PluginHost)
        yield plugin


def _run(module: str, stdout: Connection, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """`python -u -m MODULE ARGUMENTS` in this process."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    sys.stdout = io.TextIOWrapper(io.FileIO(stdout.fileno(), "w", closefd=False), write_through=True)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
