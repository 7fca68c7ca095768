"""Topics in the plugin process, as far as no broker is needed."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from pulumi_kafka_connectors import export
from pulumi_kafka_connectors.topic import TopicProvider
from tests.support import host as hosts
from tests.support.host import Host, host

PROVIDER = "gASVNgAAAAAAAACMHXB1bHVtaV9rYWZrYV9jb25uZWN0b3JzLnRvcGljlIwNVG9waWNQcm92aWRlcpSTlClSlC4="


def test_the_pickled_provider_stays_as_it_is_in_states() -> None:
    assert serialize_provider(TopicProvider()) == PROVIDER
    assert b"TopicProvider" in base64.b64decode(PROVIDER)
    assert export.PROVIDER == hosts.PROVIDER


@pytest.fixture(scope="module")
def known() -> Iterator[Host]:
    """A plugin process that knows where the brokers are."""
    with host({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}) as made:
        made.configure(url="http://127.0.0.1:1")
        yield made


def checked(provider: Host, news: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    loop = asyncio.new_event_loop()
    given: struct_pb2.Struct = loop.run_until_complete(rpc.serialize_properties({**news, "__provider": PROVIDER}, {}))
    loop.close()
    answer = provider._stub.Check(provider_pb2.CheckRequest(urn=hosts.URN, olds=struct_pb2.Struct(), news=given))
    return hosts.values_of(answer.inputs), [failure.reason for failure in answer.failures]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "a/b"}, "name must have"),
        ({"name": ".."}, "name must have"),
        ({"partitions": 0}, "partitions must be a whole number"),
        ({"partitions": 1.5}, "partitions must be a whole number"),
        ({"replication_factor": "3"}, "replication_factor must be a whole number"),
        ({"config": "x"}, "config must be a map"),
        ({"config": {"retention.ms": {"a": 1}}}, "config['retention.ms']: give text"),
    ],
)
def test_a_mistake_is_a_sentence(known: Host, change: dict[str, Any], told: str) -> None:
    _, problems = checked(known, {"name": "t", "partitions": 1, "replication_factor": 1, **change})
    assert len(problems) == 1
    assert problems[0].startswith(told)


def test_secrets_are_marked_and_brokers_must_be_known() -> None:
    with host() as provider:
        provider.configure(url="http://127.0.0.1:1")
        news = {
            "name": "t",
            "partitions": 1,
            "replication_factor": 1,
            "config": {"encryption.password": "hunter2", "retention.ms": 5},
        }
        inputs, problems = checked(provider, news)
    assert inputs["config"]["retention.ms"] == "5"
    assert inputs["config"]["encryption.password"]["value"] == "hunter2"
    assert len(problems) == 1
    assert problems[0].startswith("no broker is known: put bootstrap.servers into the setting kafka-connectors:kafka")
