"""The life cycle of a connector: up, preview, change, rename, drift, destroy."""

from __future__ import annotations

import json

import pytest

from pulumi_kafka_connectors.connect import NotFound
from sandbox.cluster import Worker
from sandbox.processes import free_port
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of
from tests.support.engine import both_front_ends
from tests.support.names import Names

pytestmark = both_front_ends

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

    # For each dynamic resource, the engine stores only the frames of the program (see `dynamic.sdk`).
    positions = [frame.get("sourcePosition", "") for frame in project.resource("source")["stackTrace"]]
    assert [frame for frame in positions if "/__main__.py#" in frame]
    others = [frame for frame in positions if "asyncio" in frame or "/runtime/" in frame]
    assert project.front_end == "plugin" or not others

    assert project.steps()["source"]["op"] == "same"

    # A changed configuration is an update.
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

    # After a change by hand, refresh shows the changed key, and up reverts it.
    client.put_config(other, {**client.config(other), "rate": "6"})
    project.refresh()
    assert project.resource("source")["inputs"]["config"]["rate"] == "6"
    assert list(project.steps()["source"]["detailedDiff"]) == ["config.rate"]
    project.up()
    assert client.config(other)["rate"] == "5"
    assert "pl4nted" not in json.dumps(project.state())

    # After a delete by hand, refresh removes the connector from the state, and up creates it again.
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

    up = project.up(check=False)
    assert up.code != 0
    assert up.errors == [f"{project.error}{address}: connection refused (retried for 2 s)"]
    assert "Traceback" not in up.output
    assert project.resource("source") == {}
