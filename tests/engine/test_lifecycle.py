"""The main job: up, preview, change, rename, drift, destroy."""

from __future__ import annotations

import json

import pytest

from pulumi_kafka_connectors.connect import NotFound
from sandbox.cluster import Worker
from sandbox.processes import free_port
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of
from tests.support.names import Names

SOURCE = """
    kc.Connector("source", name={name!r}, config={{
        "connector.class": "testing.FaultySource", "tasks.max": {tasks}, "rate": 5,
        "topic": "t", "login.password": "pl4nted-secret", "pin": "pl4nted-pin",
    }})
"""


def test_a_stack_goes_through_its_whole_life_cycle(single: Worker, project_at: MakeProject, names: Names) -> None:
    client, project = client_of(single), project_at(single.url)
    name, other = names("life"), names("life")

    project.up(SOURCE.format(name=name, tasks=1))
    assert client.status(name).connector.state == "RUNNING"
    assert [task.state for task in client.status(name).tasks] == ["RUNNING"]
    assert project.resource("source")["outputs"]["status"] == "running"
    assert "pl4nted" not in json.dumps(project.state())

    # The engine stores only the program's frames of the call stack for each resource (a canary: `dynamic.sdk`).
    called = [frame.get("sourcePosition", "") for frame in project.resource("source")["stackTrace"]]
    assert [frame for frame in called if "/__main__.py#" in frame]
    assert not [frame for frame in called if "asyncio" in frame or "/runtime/" in frame]

    assert project.steps()["source"]["op"] == "same"

    # A config change is an update: the connector is never gone, as its offsets topic entry would show; its id stays.
    change = project.steps(SOURCE.format(name=name, tasks=2))["source"]
    assert change["op"] == "update"
    assert list(change["detailedDiff"]) == ['config["tasks.max"]']
    assert "updated" in project.up().output
    assert len(client.tasks(name)) == 2

    # A name change is a replacement that deletes the old connector first.
    assert project.steps(SOURCE.format(name=other, tasks=2))["source"]["op"] in ("replace", "delete-replaced")
    project.up()
    assert client.status(other).connector.state == "RUNNING"
    with pytest.raises(NotFound):
        client.config(name)

    # Changed by a plain PUT: refresh shows the key, up reverts it.
    client.put_config(other, {**client.config(other), "rate": "6"})
    project.refresh()
    assert project.resource("source")["inputs"]["config"]["rate"] == "6"
    assert list(project.steps()["source"]["detailedDiff"]) == ["config.rate"]
    project.up()
    assert client.config(other)["rate"] == "5"
    assert "pl4nted" not in json.dumps(project.state())

    # Deleted by a plain DELETE: refresh removes it from the state, up creates it.
    client.delete(other)
    project.refresh()
    assert project.resource("source") == {}
    project.up()
    assert client.status(other).connector.state == "RUNNING"

    project.destroy()
    with pytest.raises(NotFound):
        client.config(other)


def test_an_unreachable_worker_is_one_error_message(project_at: MakeProject, names: Names) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    project = project_at(address)
    project.run("config", "set", "kafka-connectors:retry", "2")
    project.program(SOURCE.format(name=names("nowhere"), tasks=1))

    preview = project.run("preview")
    assert f"configurations are not validated: {address}: connection refused" in preview.output

    up = project.up(good=False)
    assert up.code != 0
    assert up.errors == [f"KafkaConnectorsError: {address}: connection refused (retried for 2 s)"]
    assert "Traceback" not in up.output
    assert project.resource("source") == {}
