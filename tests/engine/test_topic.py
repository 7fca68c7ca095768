"""Topics in programs, with the real engine and a real broker."""

from __future__ import annotations

import pytest

from pulumi_kafka_connectors.kafka import TopicState
from pulumi_kafka_connectors.kafka.admin import TopicAdmin
from sandbox.cluster import OTHER_CLUSTER_ID, Broker, Sandbox, Worker
from tests.engine.conftest import MakeProject
from tests.support.engine import Project, both_front_ends
from tests.support.names import Names
from tests.support.waiting import wait_until

pytestmark = both_front_ends

TOPIC = """
    lines = kc.Topic("lines", name={name!r}, partitions={partitions}, replication_factor=1, config={config!r})
    pulumi.export("topic", pulumi.Output.all(lines.name, lines.partitions, lines.replication_factor, lines.config))
"""


@pytest.fixture
def project(project_at: MakeProject, single: Worker, broker: Broker) -> Project:
    project = project_at(single.url)
    project.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)
    return project


def test_a_topic_goes_through_its_whole_life_cycle(project: Project, broker: Broker, names: Names) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("lines")

    def program(partitions: int, **config: object) -> str:
        return TOPIC.format(name=name, partitions=partitions, config={key.replace("_", "."): v for key, v in config.items()})

    project.up(program(2, retention_ms=60000, cleanup_policy="compact"))
    assert topics.find(name) == TopicState(2, 1, {"retention.ms": "60000", "cleanup.policy": "compact"})
    assert project.outputs()["topic"] == [name, 2, 1, {"retention.ms": "60000", "cleanup.policy": "compact"}]
    assert project.steps()["lines"]["op"] == "same"

    # Updates: single configuration keys, and more partitions.
    change = project.steps(program(3, retention_ms=70000))["lines"]
    assert change["op"] == "update"
    assert set(change["detailedDiff"]) == {"partitions", 'config["retention.ms"]', 'config["cleanup.policy"]'}
    project.up()
    assert topics.find(name) == TopicState(3, 1, {"retention.ms": "70000"})

    # Drift is shown by key and reverted.
    drifted = {"retention.ms": "1", "max.message.bytes": "2000"}
    topics.configure(name, drifted, [])
    wait_until(lambda: topics.find(name) == TopicState(3, 1, drifted))
    drift = project.steps(None, "--refresh")["lines"]
    assert set(drift["detailedDiff"]) == {'config["retention.ms"]', 'config["max.message.bytes"]'}
    project.up(None, "--refresh")
    assert topics.find(name) == TopicState(3, 1, {"retention.ms": "70000"})

    # Fewer partitions need a replacement.
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


def test_with_the_brokers_of_another_cluster_a_topic_is_left_alone(
    project: Project, broker: Broker, box: Sandbox, names: Names
) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("moved")
    setting = ("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]')
    project.up(TOPIC.format(name=name, partitions=1, config={}))
    before = project.resource("lines")["outputs"]
    assert before["cluster"] == topics.cluster_id()
    other = Broker(box.folder / "other", cluster=OTHER_CLUSTER_ID)
    other.start()
    project.run(*setting, other.address)
    assert project.steps()["lines"]["op"] in ("replace", "create-replacement", "delete-replaced")
    for command in ("refresh", "destroy"):
        result = project.run(command, "--yes", "--skip-preview", "--run-program", check=False)
        assert any("belongs to the Kafka cluster" in error for error in result.errors), result.output
    assert project.resource("lines")["outputs"] == before
    project.run(*setting, broker.address)
    other.process.stop()
    project.destroy("--run-program")  # plain, it would use the brokers saved in the state
    assert topics.find(name) is None


def test_preview_reports_invalid_inputs_and_existing_topics_are_left_alone(
    project: Project, broker: Broker, names: Names
) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("existing")
    errors = project.preview_errors('kc.Topic("a b", partitions=0, replication_factor=1.5, config={"x": [1]})')
    expected = ["name must have", "partitions must be", "replication_factor must be", "config['x']: give text"]
    assert len(errors) == len(expected)
    assert all(text in error for text, error in zip(expected, errors, strict=True))
    topics.create(name, existing := TopicState(2, 1, {"retention.ms": "5"}))
    wait_until(lambda: topics.find(name) == existing)
    errors = project.preview_errors(TOPIC.format(name=name, partitions=1, config={}))
    assert any(
        f"topic {name} exists already with another configuration (differing keys: partitions, " in it for it in errors
    )
    result = project.up(check=False)
    assert f"topic {name} exists already with another configuration" in result.output
    assert topics.find(name) == existing
    topics.delete(name)
