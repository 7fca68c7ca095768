"""Topics, as far as possible without a broker."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_kafka_connectors.dynamic import TopicProvider
from tests.support.host import TOPIC_PROVIDER, Host, forked_host

TOPIC = {"name": "t", "partitions": 1, "replication_factor": 1}


def test_the_pickled_provider_stays_as_it_is_in_states() -> None:
    assert serialize_provider(TopicProvider()) == TOPIC_PROVIDER
    assert b"TopicProvider" in base64.b64decode(TOPIC_PROVIDER)


@pytest.fixture(scope="module")
def known(front_end: str) -> Iterator[Host]:
    """A process with configured brokers."""
    with forked_host({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, front_end, resource="Topic") as made:
        made.configure(url="http://127.0.0.1:1")
        yield made


@pytest.mark.parametrize(
    ("change", "expected"),
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
def test_a_mistake_is_one_error_message(known: Host, change: dict[str, Any], expected: str) -> None:
    _, problems = known.check({**TOPIC, **change})
    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_secrets_are_marked_and_brokers_must_be_known(front_end: str) -> None:
    with forked_host(front_end=front_end, resource="Topic") as provider:
        provider.configure(url="http://127.0.0.1:1")
        news = {**TOPIC, "config": {"encryption.password": "hunter2", "retention.ms": 5}}
        inputs, problems = provider.check(news)
    assert inputs["config"]["retention.ms"] == "5"
    assert inputs["config"]["encryption.password"]["value"] == "hunter2"
    assert len(problems) == 1
    assert problems[0].startswith("no broker is known: put bootstrap.servers into the setting kafka-connectors:kafka")
