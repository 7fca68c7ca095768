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

PROVIDER = "gASVPAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjBFDb25uZWN0b3JQcm92aWRlcpSTlClSlC4="
TOPIC_PROVIDER = "gASVOAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjA1Ub3BpY1Byb3ZpZGVylJOUKVKULg=="
"""The pickled providers as they stand in users' states: they never change."""
URN = "urn:pulumi:test::test::pulumi-python:dynamic/kafka-connectors:Connector::a"


def struct_of(values: Mapping[str, Any], provider: str = PROVIDER) -> struct_pb2.Struct:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rpc.serialize_properties({**values, "__provider": provider}, {}))
    finally:
        loop.close()


def values_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Properties as they are on the wire, without `__provider`: secrets and unknowns in their wire form."""
    return {key: value for key, value in json_format.MessageToDict(struct).items() if key != "__provider"}


def plain(values: Any) -> Any:
    """Without the marks of secrets."""
    if isinstance(values, dict):
        if rpc._special_sig_key in values:
            return plain(values["value"])
        return {key: plain(value) for key, value in values.items()}
    return values


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
    """The operations of a provider: that of connectors unless another one is given."""

    def __init__(self, port: int, provider: str = PROVIDER) -> None:
        self.port = port
        self._provider = provider
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = _Clean(provider_pb2_grpc.ResourceProviderStub(self._channel))

    def close(self) -> None:
        self._channel.close()

    def configure(self, **config: str) -> None:
        args = struct_pb2.Struct()
        args.update({f"kafka-connectors:{key}": value for key, value in config.items()})
        self._stub.Configure(provider_pb2.ConfigureRequest(args=args))

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
        given = provider_pb2.CheckRequest(urn=URN, olds=self._struct(olds or {}), news=self._struct(news))
        answer = self._stub.Check(given)
        return values_of(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        return self._stub.Diff(provider_pb2.DiffRequest(id="a", urn=URN, olds=self._struct(olds), news=self._struct(news)))

    def create(self, props: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        answer = self._stub.Create(provider_pb2.CreateRequest(urn=URN, properties=self._struct(props)))
        return answer.id, values_of(answer.properties)

    def read(self, id_: str, props: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        given = provider_pb2.ReadRequest(id=id_, urn=URN, properties=self._struct(props), inputs=self._struct({}))
        answer = self._stub.Read(given)
        return answer.id, values_of(answer.properties), values_of(answer.inputs)

    def update(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        given = provider_pb2.UpdateRequest(id=str(olds["name"]), urn=URN, olds=self._struct(olds), news=self._struct(news))
        return values_of(self._stub.Update(given).properties)

    def _struct(self, values: Mapping[str, Any]) -> struct_pb2.Struct:
        return struct_of(values, self._provider)

    def delete(self, id_: str, props: Mapping[str, Any]) -> None:
        self._stub.Delete(provider_pb2.DeleteRequest(id=id_, urn=URN, properties=self._struct(props)))


@contextmanager
def host(environment: Mapping[str, str] | None = None, provider: str = PROVIDER) -> Iterator[Host]:
    """A fresh plugin process."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.dynamic"],
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        text=True,
    )
    assert process.stdout is not None
    made = Host(int(process.stdout.readline()), provider)
    try:
        yield made
    finally:
        made.close()
        process.kill()
        process.wait()
        process.stdout.close()
