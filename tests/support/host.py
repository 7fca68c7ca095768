"""The plugin process that the engine starts for dynamic providers, driven over gRPC without the engine."""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.support.engine import SECRET_PATTERN

PROVIDER = "gASVPAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjBFDb25uZWN0b3JQcm92aWRlcpSTlClSlC4="
TOPIC_PROVIDER = "gASVOAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjA1Ub3BpY1Byb3ZpZGVylJOUKVKULg=="
"""The pickled providers as stored in users' states; they must never change."""
URN = "urn:pulumi:test::test::pulumi-python:dynamic/kafka-connectors:Connector::a"


def struct_of(values: Mapping[str, Any], provider: str = PROVIDER) -> struct_pb2.Struct:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rpc.serialize_properties({**values, "__provider": provider}, {}))
    finally:
        loop.close()


def values_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Properties as sent over gRPC, without `__provider`; secrets and unknown values keep their wire form."""
    return {key: value for key, value in json_format.MessageToDict(struct).items() if key != "__provider"}


def plain(values: Any) -> Any:
    """The values without their secret markers."""
    if isinstance(values, dict):
        if rpc._special_sig_key in values:
            return plain(values["value"])
        return {key: plain(value) for key, value in values.items()}
    return values


class _CheckedStub:
    """A gRPC stub that fails the test if an error contains a secret of the tests."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, name: str) -> Any:
        def call(request: Any) -> Any:
            try:
                return getattr(self._stub, name)(request)
            except grpc.RpcError as error:
                if re.search(SECRET_PATTERN, str(error.details())):
                    raise AssertionError("an error contains a secret of the tests") from error
                raise

        return call


class Host:
    """Calls the operations of a provider in the plugin process; by default, of the connector provider."""

    def __init__(self, port: int, provider: str = PROVIDER) -> None:
        self.port = port
        self._provider = provider
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = _CheckedStub(provider_pb2_grpc.ResourceProviderStub(self._channel))

    def close(self) -> None:
        self._channel.close()

    def configure(self, **config: str) -> None:
        args = struct_pb2.Struct()
        args.update({f"kafka-connectors:{key}": value for key, value in config.items()})
        self._stub.Configure(provider_pb2.ConfigureRequest(args=args))

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
        request = provider_pb2.CheckRequest(urn=URN, olds=self._struct(olds or {}), news=self._struct(news))
        response = self._stub.Check(request)
        return values_of(response.inputs), [failure.reason for failure in response.failures]

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        return self._stub.Diff(provider_pb2.DiffRequest(id="a", urn=URN, olds=self._struct(olds), news=self._struct(news)))

    def create(self, props: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        response = self._stub.Create(provider_pb2.CreateRequest(urn=URN, properties=self._struct(props)))
        return response.id, values_of(response.properties)

    def read(self, id_: str, props: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        request = provider_pb2.ReadRequest(id=id_, urn=URN, properties=self._struct(props), inputs=self._struct({}))
        response = self._stub.Read(request)
        return response.id, values_of(response.properties), values_of(response.inputs)

    def update(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(id=str(olds["name"]), urn=URN, olds=self._struct(olds), news=self._struct(news))
        return values_of(self._stub.Update(request).properties)

    def _struct(self, values: Mapping[str, Any]) -> struct_pb2.Struct:
        return struct_of(values, self._provider)

    def delete(self, id_: str, props: Mapping[str, Any]) -> None:
        self._stub.Delete(provider_pb2.DeleteRequest(id=id_, urn=URN, properties=self._struct(props)))


@contextmanager
def host(environment: Mapping[str, str] | None = None, provider: str = PROVIDER) -> Iterator[Host]:
    """Start a plugin process as the engine does; this takes half a second of computing, see `forked_host`."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.dynamic"],
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        text=True,
    )
    assert process.stdout is not None
    plugin = Host(int(process.stdout.readline()), provider)
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
    ]
)


@contextmanager
def forked_host(environment: Mapping[str, str] | None = None, provider: str = PROVIDER) -> Iterator[Host]:
    """Like `host`, but the process is forked from one that has already imported what a plugin process imports.

    Each call starts a process of its own; only the imports are shared. `tests/wire/test_host.py` starts it as the engine does.
    """
    receiving, sending = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_run_plugin, args=(sending, {**os.environ, **(environment or {})}), daemon=True)
    process.start()
    sending.close()
    with receiving, open(receiving.fileno(), encoding="ascii", closefd=False) as stdout:
        plugin = Host(int(stdout.readline()), provider)
    try:
        yield plugin
    finally:
        plugin.close()
        process.kill()
        process.join()
        process.close()


def _run_plugin(stdout: Connection, environment: Mapping[str, str]) -> None:
    """`python -u -m pulumi.dynamic` in this process."""
    os.environ.clear()
    os.environ.update(environment)
    sys.stdout = io.TextIOWrapper(io.FileIO(stdout.fileno(), "w", closefd=False), write_through=True)
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
