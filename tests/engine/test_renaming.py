"""The procedures in docs/renaming.md, and the results without them, with the real engine."""

from __future__ import annotations

import pytest

from pulumi_kafka_connectors.connect import Client
from pulumi_kafka_connectors.kafka import TopicState
from pulumi_kafka_connectors.kafka.admin import TopicAdmin
from sandbox.cluster import Broker, Worker
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of, exists
from tests.support.engine import Project, both_front_ends, connector_program
from tests.support.names import Names, faulty
from tests.support.waiting import wait_until
from tests.support.worker import fake_worker

pytestmark = both_front_ends

SAME = "exists already with the same configuration"


@pytest.fixture
def client(single: Worker) -> Client:
    return client_of(single)


@pytest.fixture
def project(single: Worker, project_at: MakeProject) -> Project:
    return project_at(single.url)


COMPONENT = """
    class Group(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("test:Group", "group")
    group = Group()
"""


def test_a_renamed_resource_without_an_alias_changes_nothing(project: Project, client: Client, names: Names) -> None:
    name = names("renamed")
    project.up(connector_program(name, resource="old"))
    assert any(SAME in error for error in project.preview_errors(connector_program(name, resource="new")))
    result = project.up(connector_program(name, resource="new"), check=False)
    assert any(SAME in error for error in result.errors)
    assert exists(client, name)
    assert project.steps(connector_program(name, resource="old"))["old"]["op"] == "same"
    project.destroy()


def test_a_renamed_resource_that_adopts_keeps_its_connector(project: Project, client: Client, names: Names) -> None:
    name = names("renamed")
    project.up(connector_program(name, resource="old"))
    result = project.up(connector_program(name, resource="new", adopt="same"))
    assert f"connector {name} is now managed by" in result.output
    assert "::new, which created or took it over in this run: it stays" in result.output
    assert client.status(name).connector.state == "RUNNING"
    assert project.resource("old") == {}
    assert project.steps()["new"]["op"] == "same"
    project.destroy()
    assert not exists(client, name)


@pytest.mark.parametrize(
    ("head", "opts"),
    [
        ("", 'aliases=[pulumi.Alias(name="old")]'),
        (COMPONENT, "parent=group, aliases=[pulumi.Alias(name='old', parent=pulumi.ROOT_STACK_RESOURCE)]"),
    ],
    ids=["name", "parent"],
)
def test_an_alias_renames_and_moves_without_any_change(
    project: Project, client: Client, names: Names, head: str, opts: str
) -> None:
    name = names("alias")
    project.up(connector_program(name, resource="old"))
    text = head + "\n    " * bool(head) + connector_program(name, resource="new", opts=opts)
    assert project.steps(text)["new"]["op"] == "same"
    project.up()
    assert exists(client, name)
    project.destroy()


def test_a_resource_moves_to_another_stack_with_its_state(project: Project, client: Client, names: Names) -> None:
    name = names("moved")
    project.up(connector_program(name))
    urn = project.resource("it")["urn"]
    project.run("stack", "init", "other")
    project.run("stack", "select", "test")
    project.run("state", "move", "--source", "test", "--dest", "other", "--yes", urn)
    project.up("")
    assert exists(client, name)
    project.run("stack", "select", "other")
    url = client.settings.urls[0]
    project.run("config", "set", "kafka-connectors:url", url)
    assert project.steps(connector_program(name))["it"]["op"] == "same"
    project.destroy()
    assert not exists(client, name)


def test_a_connector_moves_to_another_stack_by_adoption(
    project: Project, project_at: MakeProject, client: Client, names: Names
) -> None:
    name = names("handed")
    project.up(connector_program(name, opts="retain_on_delete=True"))
    project.up("")
    assert exists(client, name)
    other = project_at(client.settings.urls[0])
    other.up(connector_program(name, adopt="same"))
    other.destroy()
    assert not exists(client, name)


def test_a_second_stack_of_the_same_program_takes_nothing_over(
    project: Project, project_at: MakeProject, client: Client, names: Names
) -> None:
    name = names("second")
    project.up(connector_program(name))
    second = project_at(client.settings.urls[0])
    assert any(SAME in error for error in second.preview_errors(connector_program(name)))
    second.up(connector_program(name), check=False)
    second.up(connector_program(f"{name}-second"))
    second.destroy()
    assert not exists(client, f"{name}-second")
    assert client.status(name).connector.state == "RUNNING"
    project.destroy()


def test_a_wrong_address_changes_neither_state_nor_cluster_and_a_move_leaves_the_old_one_running(
    project: Project, client: Client, names: Names
) -> None:
    name, retained = names("cluster"), "retain_on_delete=True"
    project.up(connector_program(name))
    before = project.resource("it")["outputs"]
    with fake_worker() as elsewhere:
        elsewhere.kafka_cluster_id = "elsewhere"
        project.run("config", "set", "kafka-connectors:url", elsewhere.url)
        assert project.steps()["it"]["op"] in ("replace", "create-replacement", "delete-replaced")
        for command in ("refresh", "destroy", "up"):
            more = [] if command == "up" else ["--run-program"]
            result = project.run(command, "--yes", "--skip-preview", *more, check=False)
            assert any("belongs to the Kafka cluster elsewhere" in error for error in result.errors), result.output
        assert project.resource("it")["outputs"] == before
        assert elsewhere.connectors == {}
        project.run("config", "set", "kafka-connectors:url", client.settings.urls[0])
        project.up(connector_program(name, opts=retained))
        project.run("config", "set", "kafka-connectors:url", elsewhere.url)
        project.up()
        assert name in elsewhere.connectors
        assert project.resource("it")["outputs"]["cluster"] == "elsewhere"
        assert client.status(name).connector.state == "RUNNING"
        project.up(connector_program(name))
        project.destroy()
        assert elsewhere.connectors == {}
    client.delete(name)


def test_a_connector_left_by_an_interrupted_run_is_adopted(project: Project, client: Client, names: Names) -> None:
    name = names("left")
    client.create(name, faulty(rate=5))
    wait_until(lambda: exists(client, name))
    assert any(SAME in error for error in project.up(connector_program(name), check=False).errors)
    project.run("up", "--yes", env={"KAFKA_CONNECT_ADOPT": "same"})
    assert project.steps()["it"]["op"] == "same"
    project.destroy()


def test_a_renamed_topic_keeps_its_records(project: Project, broker: Broker, names: Names) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("topic")
    project.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)

    def topic(resource: str, more: str = "") -> str:
        return f"kc.Topic({resource!r}, name={name!r}, partitions=1, replication_factor=1{more})\n"

    project.up(topic("old"))
    result = project.up(topic("new"), check=False)
    assert any(SAME in error for error in result.errors)
    assert topics.find(name) == TopicState(1, 1, {})
    result = project.up(topic("new", ', adopt="same"'))
    assert f"topic {name} is now managed by" in result.output
    assert topics.find(name) == TopicState(1, 1, {})
    project.destroy()
    wait_until(lambda: topics.find(name) is None)
