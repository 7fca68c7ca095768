"""Folders of connector files, declared through each front end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc, set_all_config

import pulumi_kafka_connectors as kc
from pulumi_kafka_connectors import native
from tests.support.host import plain

BODY = (
    '{"name": "orders", "config": {"connector.class": "C", "tasks.max": 1, "connection.password": "${config:dbPassword}"}}'
)
Declared = dict[str, dict[str, Any]]


class Recording(pulumi.runtime.Mocks):
    """Records the inputs of every resource by its name, and its type."""

    def __init__(self) -> None:
        self.inputs: Declared = {}
        self.types: set[str] = set()

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if args.custom:
            self.inputs[args.name] = dict(args.inputs)
            self.types.add(args.typ)
        return "id", {}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError


@pytest.fixture(params=[kc, native], ids=["dynamic", "plugin"])
def module(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(autouse=True)
def stack() -> Iterator[None]:
    set_all_config({"project:dbPassword": "hunter2", "shared:user": "pl4nted"})
    yield
    set_all_config({})


def run(declare: Callable[[], dict[str, Any]]) -> Recording:
    """What a program registers that declares these connectors."""
    mocks = Recording()
    pulumi.runtime.set_mocks(mocks, project="project")

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def construct() -> Any:
        return pulumi.Output.all(*[made.urn for made in declare().values()])

    construct()
    return mocks


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


def config_of(inputs: dict[str, Any]) -> dict[str, Any]:
    return dict(plain(inputs["config"]))


def test_every_file_becomes_a_connector_under_the_name_of_the_file(module: Any, tmp_path: Path) -> None:
    write(tmp_path, a_json=BODY, b_properties="name=lines\nconnector.class=C", c_yaml="connector.class: C\n")
    names: list[str] = []

    def declare() -> dict[str, Any]:
        made = module.load(tmp_path)
        names.extend(made)
        assert {type(connector) for connector in made.values()} == {module.Connector}
        return dict(made)

    found = run(declare)
    assert names == ["orders", "lines", "c"]
    assert {resource: inputs["name"] for resource, inputs in found.inputs.items()} == {"a": "orders", "b": "lines", "c": "c"}
    assert config_of(found.inputs["a"])["tasks.max"] == "1"
    assert "state" not in found.inputs["a"]
    assert len(found.types) == 1


def test_placeholders_are_secrets_of_the_stack_configuration(module: Any, tmp_path: Path) -> None:
    write(
        tmp_path,
        a_properties="connector.class=C\npin=${config:dbPassword}\nurl=u=${config:shared:user};p=${config:dbPassword}\n"
        "file=${file:/run/secrets/db:password}\ntext=$${config:dbPassword}\nempty=\n",
    )
    inputs = run(lambda: module.load(str(tmp_path))).inputs["a"]
    assert config_of(inputs) == {
        "connector.class": "C",
        "pin": "hunter2",
        "url": "u=pl4nted;p=hunter2",
        "file": "${file:/run/secrets/db:password}",
        "text": "${config:dbPassword}",
        "empty": "",
    }
    assert inputs["config"][rpc._special_sig_key] == rpc._special_secret_sig
    assert plain(inputs)["marked"] == ["pin", "url"]


def test_inputs_are_for_all_connectors_and_a_file_and_an_override_precede_them(module: Any, tmp_path: Path) -> None:
    write(
        tmp_path,
        a_json='{"config": {"connector.class": "C", "topics": "t"}}',
        b_json='{"config": {"connector.class": "C"}, "initial_state": "STOPPED"}',
        c_json='{"config": {"connector.class": "C"}, "state": "stopped"}',
    )
    override = {"c": {"state": "running", "wait": False}, "a": {"config": {"topics": "other", "b": 1}}}
    found = run(lambda: module.load(tmp_path, adopt="same", state="paused", override=override)).inputs
    assert {name: inputs["state"] for name, inputs in found.items()} == {"a": "paused", "b": "stopped", "c": "running"}
    assert {inputs["adopt"] for inputs in found.values()} == {"same"}
    assert (found["c"]["wait"], "wait" in found["a"]) == (False, False)
    assert config_of(found["a"]) == {"connector.class": "C", "topics": "other", "b": "1"}


def test_options_are_for_all_connectors_unless_an_override_has_its_own(module: Any, tmp_path: Path) -> None:
    write(tmp_path, a_json='{"connector.class": "C"}', b_json='{"connector.class": "C"}')
    urns: dict[str, str] = {}

    def declare() -> dict[str, Any]:
        both, own = (pulumi.ComponentResource(f"test:index:{kind}", kind) for kind in ("Both", "Own"))
        opts = {"b": {"opts": pulumi.ResourceOptions(parent=own)}}
        made: dict[str, Any] = module.load(tmp_path, opts=pulumi.ResourceOptions(parent=both), override=opts)
        for name, connector in made.items():
            connector.urn.apply(lambda urn, name=name: urns.update({name: urn}))
        return made

    run(declare)
    assert {name: urn.split("::")[2].partition("$")[0] for name, urn in urns.items()} == {
        "a": "test:index:Both",
        "b": "test:index:Own",
    }


def failure(module: Any, *args: Any, **kwargs: Any) -> str:
    pulumi.runtime.set_mocks(Recording(), project="project")
    with pytest.raises(kc.LoadFailed) as caught:
        module.load(*args, **kwargs)
    assert isinstance(caught.value, pulumi.RunError)
    assert caught.value.__cause__ is None
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


def test_secrets_that_are_not_set_are_told_with_file_and_line(module: Any, tmp_path: Path) -> None:
    write(
        tmp_path,
        a_json='{"connector.class": "C",\n"pin": "${config:nope}"}',
        b_yaml="connector.class: C\np: x${config:a:b}\n",
    )
    assert failure(module, tmp_path).splitlines()[1:] == [
        "a.json, line 2: pin needs `pulumi config set --secret nope`",
        "b.yaml, line 2: p needs `pulumi config set --secret a:b`",
    ]


def test_files_that_are_wrong_are_one_error_and_nothing_is_declared(module: Any, tmp_path: Path) -> None:
    write(tmp_path, a_json=BODY, b_json="{", c_yaml="connector.class: C\na: []\n")
    text = failure(module, tmp_path)
    assert text.splitlines()[0] == f"2 problems in {tmp_path}:"
    assert [line.partition(":")[0] for line in text.splitlines()[1:]] == ["b.json, line 1", "c.yaml, line 2"]


def test_an_override_of_a_connector_that_no_file_declares_is_told(module: Any, tmp_path: Path) -> None:
    write(tmp_path, a_json=BODY)
    expected = "override names connectors that no file declares: a, b"
    assert failure(module, tmp_path, override={"a": {}, "orders": {}, "b": {}}) == expected


def test_a_folder_without_connectors_does_not_delete_those_of_before(module: Any, tmp_path: Path) -> None:
    assert "contains no connector" in failure(module, tmp_path)
    assert "cannot be read: No such file or directory" in failure(module, tmp_path / "absent")
