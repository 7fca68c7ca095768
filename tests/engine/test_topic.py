"""Topics in programs that the real engine runs, on a real broker."""

from __future__ import annotations

import pytest

from pulumi_kafka_connectors.kafka import TopicState
from pulumi_kafka_connectors.kafka.admin import TopicAdmin
from sandbox.cluster import Broker, Worker
from tests.engine.conftest import MakeProject
from tests.support.engine import Project
from tests.support.names import Names
from tests.support.waiting import wait_until

TOPIC = """
    lines = kc.Topic("lines", name={name!r}, partitions={partitions}, replication_factor=1, config={config!r})
    pulumi.export("topic", pulumi.Output.all(lines.name, lines.partitions, lines.replication_factor, lines.config))
"""


@pytest.fixture
def project(project_at: MakeProject, single: Worker, broker: Broker) -> Project:
    made = project_at(single.url)
    made.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)
    return made


def test_a_topic_goes_through_its_whole_life_cycle(project: Project, broker: Broker, names: Names) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("lines")

    def program(partitions: int, **config: object) -> str:
        return TOPIC.format(name=name, partitions=partitions, config={key.replace("_", "."): v for key, v in config.items()})

    project.up(program(2, retention_ms=60000, cleanup_policy="compact"))
    assert topics.find(name) == TopicState(2, 1, {"retention.ms": "60000", "cleanup.policy": "compact"})
    assert project.outputs()["topic"] == [name, 2, 1, {"retention.ms": "60000", "cleanup.policy": "compact"}]
    assert project.steps()["lines"]["op"] == "same"

    # In place: configuration by key, and more partitions.
    change = project.steps(program(3, retention_ms=70000))["lines"]
    assert change["op"] == "update"
    assert set(change["detailedDiff"]) == {"partitions", 'config["retention.ms"]', 'config["cleanup.policy"]'}
    project.up()
    assert topics.find(name) == TopicState(3, 1, {"retention.ms": "70000"})

    # Drift is shown per key and reverted.
    drifted = {"retention.ms": "1", "max.message.bytes": "2000"}
    topics.configure(name, drifted, [])
    wait_until(lambda: topics.find(name) == TopicState(3, 1, drifted))
    drift = project.steps(None, "--refresh")["lines"]
    assert set(drift["detailedDiff"]) == {'config["retention.ms"]', 'config["max.message.bytes"]'}
    project.up(None, "--refresh")
    assert topics.find(name) == TopicState(3, 1, {"retention.ms": "70000"})

    # Fewer partitions, or another replication factor, are a replacement.
    assert project.steps(program(1))["lines"]["op"] in ("replace", "delete-replaced", "create-replacement")
    project.up()
    assert topics.find(name) == TopicState(1, 1, {})

    topics.delete(name)
    wait_until(lambda: topics.find(name) is None)
    project.refresh()
    assert project.resource("lines") == {}
    topics.create(name, TopicState(1, 1, {}))
    wait_until(lambda: topics.find(name) == TopicState(1, 1, {}))
    project.up(None, "--config", "kafka-connectors:adopt=same")
    project.destroy()
    assert topics.find(name) is None


def test_preview_reports_mistakes_and_foreign_topics_are_left_alone(project: Project, broker: Broker, names: Names) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("foreign")
    errors = project.preview_errors('kc.Topic("a b", partitions=0, replication_factor=1.5, config={"x": [1]})')
    expected = ["name must have", "partitions must be", "replication_factor must be", "config['x']: give text"]
    assert len(errors) == len(expected)
    assert all(text in error for text, error in zip(expected, errors, strict=True))
    topics.create(name, foreign := TopicState(2, 1, {"retention.ms": "5"}))
    wait_until(lambda: topics.find(name) == foreign)
    ran = project.up(TOPIC.format(name=name, partitions=1, config={}), good=False)
    assert (
        f"KafkaConnectorsError: topic {name} exists already with another configuration (differing keys: partitions, "
        in ran.output
    )
    assert topics.find(name) == foreign
    topics.delete(name)
