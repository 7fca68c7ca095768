"""The recipes of docs/renaming.md, and what happens without them, with the real engine."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.connect import Client
from pulumi_kafka_connectors.kafka import TopicState
from pulumi_kafka_connectors.kafka.admin import TopicAdmin
from sandbox.cluster import Broker, Worker
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of, exists
from tests.support.engine import Project
from tests.support.names import Names, faulty
from tests.support.waiting import wait_until
from tests.support.worker import fake_worker

SAME = "exists already with the same configuration"


@pytest.fixture
def client(single: Worker) -> Client:
    return client_of(single)


@pytest.fixture
def project(single: Worker, project_at: MakeProject) -> Project:
    return project_at(single.url)


def program(resource: str, name: str, opts: str = "", config: dict[str, Any] | None = None, **inputs: Any) -> str:
    given = "".join(f", {key}={value!r}" for key, value in inputs.items())
    return (
        f"kc.Connector({resource!r}, name={name!r}, config={(config or faulty())!r}{given}, "
        f"opts=pulumi.ResourceOptions({opts}))\n"
    )


COMPONENT = """
    class Group(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("test:Group", "group")
    group = Group()
"""


def test_a_renamed_resource_without_an_alias_changes_nothing(project: Project, client: Client, names: Names) -> None:
    name = names("renamed")
    project.up(program("old", name))
    assert any(SAME in error for error in project.preview_errors(program("new", name)))
    ran = project.up(program("new", name), good=False)
    assert any(SAME in error for error in ran.errors)
    assert exists(client, name)
    assert project.steps(program("old", name))["old"]["op"] == "same"
    project.destroy()


def test_a_renamed_resource_that_takes_over_keeps_its_connector(project: Project, client: Client, names: Names) -> None:
    name = names("renamed")
    project.up(program("old", name))
    ran = project.up(program("new", name, adopt="same"))
    assert f"connector {name} is now managed by" in ran.output
    assert "::new, which created or took it over in this run: it stays" in ran.output
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
    project.up(program("old", name))
    text = head + "\n    " * bool(head) + program("new", name, opts)
    assert project.steps(text)["new"]["op"] == "same"
    project.up()
    assert exists(client, name)
    project.destroy()


def test_a_resource_moves_to_another_stack_with_its_state(project: Project, client: Client, names: Names) -> None:
    name = names("moved")
    project.up(program("it", name))
    urn = project.resource("it")["urn"]
    project.run("stack", "init", "other")
    project.run("stack", "select", "test")
    project.run("state", "move", "--source", "test", "--dest", "other", "--yes", urn)
    project.up("")
    assert exists(client, name)
    project.run("stack", "select", "other")
    url = client.settings.urls[0]
    project.run("config", "set", "kafka-connectors:url", url)
    assert project.steps(program("it", name))["it"]["op"] == "same"
    project.destroy()
    assert not exists(client, name)


def test_a_connector_is_handed_over_on_the_cluster(
    project: Project, project_at: MakeProject, client: Client, names: Names
) -> None:
    name = names("handed")
    project.up(program("it", name, "retain_on_delete=True"))
    project.up("")
    assert exists(client, name)
    other = project_at(client.settings.urls[0])
    other.up(program("it", name, adopt="same"))
    other.destroy()
    assert not exists(client, name)


def test_a_second_stack_of_the_same_program_takes_nothing_over(
    project: Project, project_at: MakeProject, client: Client, names: Names
) -> None:
    name = names("second")
    project.up(program("it", name))
    second = project_at(client.settings.urls[0])
    assert any(SAME in error for error in second.preview_errors(program("it", name)))
    second.up(program("it", name), good=False)
    second.destroy()
    assert client.status(name).connector.state == "RUNNING"
    project.destroy()


def test_a_wrong_address_changes_neither_state_nor_cluster_and_a_move_leaves_the_old_one_running(
    project: Project, client: Client, names: Names
) -> None:
    name, retained = names("cluster"), "retain_on_delete=True"
    project.up(program("it", name))
    before = project.resource("it")["outputs"]
    with fake_worker() as elsewhere:
        elsewhere.kafka_cluster_id = "elsewhere"
        project.run("config", "set", "kafka-connectors:url", elsewhere.url)
        assert project.steps()["it"]["op"] in ("replace", "create-replacement", "delete-replaced")
        for command in ("refresh", "destroy", "up"):
            more = [] if command == "up" else ["--run-program"]
            ran = project.run(command, "--yes", "--skip-preview", *more, good=False)
            assert any("belongs to the Kafka cluster elsewhere" in error for error in ran.errors), ran.output
        assert project.resource("it")["outputs"] == before
        assert elsewhere.connectors == {}
        project.run("config", "set", "kafka-connectors:url", client.settings.urls[0])
        project.up(program("it", name, retained))
        project.run("config", "set", "kafka-connectors:url", elsewhere.url)
        project.up()
        assert name in elsewhere.connectors
        assert project.resource("it")["outputs"]["cluster"] == "elsewhere"
        assert client.status(name).connector.state == "RUNNING"
        project.up(program("it", name))
        project.destroy()
        assert elsewhere.connectors == {}
    client.delete(name)


def test_what_an_interrupted_run_left_is_taken_over_for_one_run(project: Project, client: Client, names: Names) -> None:
    name = names("left")
    client.create(name, faulty())
    wait_until(lambda: exists(client, name))
    assert any(SAME in error for error in project.up(program("it", name), good=False).errors)
    project.run("up", "--yes", env={"KAFKA_CONNECT_ADOPT": "same"})
    assert project.steps()["it"]["op"] == "same"
    project.destroy()


def test_a_renamed_topic_keeps_its_records(project: Project, broker: Broker, names: Names) -> None:
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("topic")
    project.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)

    def topic(resource: str, more: str = "") -> str:
        return f"kc.Topic({resource!r}, name={name!r}, partitions=1, replication_factor=1{more})\n"

    project.up(topic("old"))
    ran = project.up(topic("new"), good=False)
    assert any(SAME in error for error in ran.errors)
    assert topics.find(name) == TopicState(1, 1, {})
    ran = project.up(topic("new", ', adopt="same"'))
    assert f"topic {name} is now managed by" in ran.output
    assert topics.find(name) == TopicState(1, 1, {})
    project.destroy()
    wait_until(lambda: topics.find(name) is None)
