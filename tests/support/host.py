"""The plugin process that the engine starts for dynamic providers, driven over gRPC without the engine."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.support.engine import PLANTED

PROVIDER = "gASVPgAAAAAAAACMIXB1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmNvbm5lY3RvcpSMEUNvbm5lY3RvclByb3ZpZGVylJOUKVKULg=="
URN = "urn:pulumi:test::test::pulumi-python:dynamic/kafka-connectors:Connector::a"


def struct_of(values: Mapping[str, Any]) -> struct_pb2.Struct:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rpc.serialize_properties({**values, "__provider": PROVIDER}, {}))
    finally:
        loop.close()


def values_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Properties as they are on the wire, without `__provider`: secrets and unknowns in their wire form."""
    return {key: value for key, value in json_format.MessageToDict(struct).items() if key != "__provider"}


class _Clean:
    """Calls of the stub; no error of any of them may show what the tests use as secrets."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, name: str) -> Any:
        def call(request: Any) -> Any:
            try:
                return getattr(self._stub, name)(request)
            except grpc.RpcError as error:
                if re.search(PLANTED, str(error.details())):
                    raise AssertionError("a secret of the tests in an error") from error
                raise

        return call


class Host:
    """The provider's operations."""

    def __init__(self, port: int) -> None:
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = _Clean(provider_pb2_grpc.ResourceProviderStub(self._channel))

    def close(self) -> None:
        self._channel.close()

    def configure(self, **config: str) -> None:
        args = struct_pb2.Struct()
        args.update({f"kafka-connectors:{key}": value for key, value in config.items()})
        self._stub.Configure(provider_pb2.ConfigureRequest(args=args))

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
        given = provider_pb2.CheckRequest(urn=URN, olds=struct_of(olds or {}), news=struct_of(news))
        answer = self._stub.Check(given)
        return values_of(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        return self._stub.Diff(provider_pb2.DiffRequest(id="a", urn=URN, olds=struct_of(olds), news=struct_of(news)))

    def create(self, props: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        answer = self._stub.Create(provider_pb2.CreateRequest(urn=URN, properties=struct_of(props)))
        return answer.id, values_of(answer.properties)

    def read(self, id_: str, props: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        given = provider_pb2.ReadRequest(id=id_, urn=URN, properties=struct_of(props), inputs=struct_of({}))
        answer = self._stub.Read(given)
        return answer.id, values_of(answer.properties), values_of(answer.inputs)

    def update(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        given = provider_pb2.UpdateRequest(id=str(olds["name"]), urn=URN, olds=struct_of(olds), news=struct_of(news))
        return values_of(self._stub.Update(given).properties)

    def delete(self, id_: str, props: Mapping[str, Any]) -> None:
        self._stub.Delete(provider_pb2.DeleteRequest(id=id_, urn=URN, properties=struct_of(props)))


@contextmanager
def host(environment: Mapping[str, str] | None = None) -> Iterator[Host]:
    """A fresh plugin process."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.dynamic"],
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        text=True,
    )
    assert process.stdout is not None
    made = Host(int(process.stdout.readline()))
    try:
        yield made
    finally:
        made.close()
        process.kill()
        process.wait()
        process.stdout.close()
