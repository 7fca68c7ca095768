"""Topics on a real broker, and one that requires TLS and a login."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_kafka_connectors.kafka import TopicError, TopicMissing, TopicState
from pulumi_kafka_connectors.kafka.admin import TopicAdmin
from sandbox.cluster import Broker
from tests.support.certificates import PASSWORD, Authority
from tests.support.names import Names
from tests.support.waiting import wait_until

LOGIN = "hunter2"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("broker") / "certificates")


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Broker]:
    """A broker with a listener that requires TLS and SASL."""
    plain = "127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}"
    jaas = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_svc="{LOGIN}";'
    listener = "listener.name.sasl_ssl"
    broker = Broker(
        tmp_path_factory.mktemp("secure"),
        {
            "listeners": f"PLAINTEXT://{plain},SASL_SSL://127.0.0.1:${{secure}}",
            "advertised.listeners": "PLAINTEXT://127.0.0.1:${broker},SASL_SSL://127.0.0.1:${secure}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
            "sasl.enabled.mechanisms": "PLAIN",
            f"{listener}.plain.sasl.jaas.config": jaas,
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.location": str(authority.keystore("broker", "127.0.0.1")),
            "ssl.keystore.password": PASSWORD,
            "ssl.key.password": PASSWORD,
        },
    )
    broker.start()
    yield broker
    broker.process.stop()


def becomes(topics: TopicAdmin, name: str, state: TopicState | None) -> None:
    """Wait until all brokers know the topic."""
    wait_until(lambda: topics.find(name) == state, f"topic {name} does not become {state}")


def test_a_topic_changes_key_by_key(broker: Broker, names: Names) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("topic")
    assert topics.find(name) is None
    topics.create(name, first := TopicState(1, 1, {"retention.ms": "60000", "cleanup.policy": "compact"}))
    becomes(topics, name, first)
    topics.configure(name, {"retention.ms": "70000"}, ["cleanup.policy"])
    topics.grow(name, 3)
    becomes(topics, name, TopicState(3, 1, {"retention.ms": "70000"}))
    with pytest.raises(TopicError, match=f"topic {name} on .*already exists"):
        topics.create(name, TopicState(1, 1, {}))
    topics.delete(name)
    topics.delete(name)
    becomes(topics, name, None)


def test_a_missing_topic_cannot_be_changed(broker: Broker, names: Names) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("absent")
    with pytest.raises(TopicMissing, match=f"topic {name} does not exist on {broker.address}"):
        topics.grow(name, 2)


@pytest.fixture
def properties(secure: Broker, authority: Authority) -> dict[str, str]:
    """The client properties for that listener."""
    return {
        "bootstrap.servers": secure.secure_address,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "svc",
        "sasl.password": LOGIN,
        "ssl.ca.pem": authority.ca,
    }


def test_tls_and_login(properties: dict[str, str], names: Names) -> None:
    name, topics = names("secured"), TopicAdmin(properties)
    topics.create(name, TopicState(1, 1, {}))
    becomes(topics, name, TopicState(1, 1, {}))
    topics.delete(name)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sasl.password": "wrong-hunter2"}, "rejected the login|no broker answers"),
        ({"ssl.ca.pem": ""}, "no broker answers"),
        ({"bootstrap.servers": "127.0.0.1:1"}, "no broker answers"),
        ({"sasl.mechanism": "SCRAM-SHA-256"}, "no broker answers|rejected the login"),
    ],
)
def test_errors_of_the_brokers_are_reported(properties: dict[str, str], change: dict[str, str], expected: str) -> None:
    with pytest.raises(TopicError, match=expected) as caught:
        TopicAdmin({key: value for key, value in {**properties, **change}.items() if value}, seconds=3).find("any")
    assert "hunter2" not in str(caught.value)


def test_an_unknown_property_is_reported_at_once() -> None:
    with pytest.raises(TopicError, match=r"setting kafka-connectors:kafka: .*sasl\.pasword"):
        TopicAdmin({"bootstrap.servers": "127.0.0.1:1", "sasl.pasword": "hunter2"})
