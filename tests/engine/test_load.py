"""A folder of connector files with the real engine and a real worker."""

from __future__ import annotations

import json

import pytest

from sandbox.cluster import Worker
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of
from tests.support.engine import Project, both_front_ends
from tests.support.names import Names

pytestmark = both_front_ends
SECRET = "pl4nted-pin"


def body(name: str, **config: object) -> str:
    return json.dumps({"name": name, "config": {"connector.class": "testing.FaultySource", "rate": 1, **config}}, indent=1)


@pytest.fixture
def project(single: Worker, project_at: MakeProject) -> Project:
    project = project_at(single.url)
    (project.folder / "connectors").mkdir()
    project.program("pulumi.export('names', list(kc.load('connectors', wait=False)))")
    project.run("config", "set", "--secret", "pin", SECRET)
    return project


def write(project: Project, file: str, content: str) -> None:
    (project.folder / "connectors" / file).write_text(content)


def test_files_live_and_die_as_connectors(single: Worker, project: Project, names: Names) -> None:
    one, two = names("one"), names("two")
    write(project, "first.json", body(one, note="a ${config:pin} b"))
    write(project, "second.properties", f"name={two}\nconnector.class=testing.FaultySource\nrate=1\n")
    project.up()
    assert project.outputs()["names"] == [one, two]
    assert client_of(single).config(one)["note"] == f"a {SECRET} b"
    assert SECRET not in json.dumps(project.state())
    project.run("preview", "--expect-no-changes")
    write(project, "first.json", body(one, note="other"))
    (project.folder / "connectors" / "second.properties").unlink()
    steps = project.steps()
    assert {name: step["op"] for name, step in steps.items()} == {"first": "update", "second": "delete"}
    project.up()
    assert client_of(single).config(one)["note"] == "other"
    assert two not in client_of(single).connectors()
    project.destroy()


def test_a_renamed_file_keeps_its_connector_with_an_alias(single: Worker, project: Project, names: Names) -> None:
    name = names("renamed")
    write(project, "old-file.json", body(name))
    project.up()
    (project.folder / "connectors" / "old-file.json").rename(project.folder / "connectors" / "new-file.json")
    project.program(f"""
        renamed = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old-file")])
        kc.load("connectors", wait=False, override={{{name!r}: {{"opts": renamed}}}})
    """)
    assert {file: step["op"] for file, step in project.steps().items()} == {"new-file": "same"}
    project.up()
    project.destroy()
    assert name not in client_of(single).connectors()


def test_what_curl_created_from_the_same_file_is_taken_over(single: Worker, project: Project, names: Names) -> None:
    name = names("curl")
    content = body(name, **{"tasks.max": 1, "topic": "t"})
    write(project, "mine.json", content)
    client_of(single).create(name, {key: str(value) for key, value in json.loads(content)["config"].items()})
    project.program("kc.load('connectors', adopt='same')")
    project.up()
    assert project.resource("mine")["id"] == name
    project.destroy()


def test_wrong_files_are_one_error_with_each_file_and_line(project: Project, names: Names) -> None:
    write(project, "good.json", body(names("good")))
    write(project, "comma.json", '{"connector.class": "C",\n}')
    write(project, "list.yaml", "connector.class: C\ntopics:\n- a\n")
    result = project.run("preview", check=False)
    assert [error for error in result.errors if "program exited" not in error] == ["2 problems in connectors:"]
    assert "comma.json, line 2: is not valid JSON" in result.output
    assert "list.yaml, line 2: topics is a list" in result.output
    assert "Traceback" not in result.output


def test_the_engine_names_the_file_of_a_connector_that_is_not_valid(project: Project, names: Names) -> None:
    write(project, "lines-of-the-shop.json", body(names("wrong"), **{"tasks.max": "many"}))
    result = project.run("preview", check=False)
    assert any("tasks.max" in error for error in result.errors)
    assert "(lines-of-the-shop)" in result.output
