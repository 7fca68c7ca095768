"""The connectors in the state of a stack."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_kafka_connectors.cli.state import Stored, connectors_in
from pulumi_kafka_connectors.core.settings import SettingsError
from pulumi_kafka_connectors.core.values import Secret

DYNAMIC = "pulumi-python:dynamic/kafka-connectors:Connector"
PLUGIN = "kafka-connectors:index:Connector"
MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def resource(name: str, type_: str = PLUGIN, **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:prod::app::{type_}::{name}-resource"
    return {"urn": urn, "type": type_, "id": name, "inputs": {"name": name}, "outputs": {"status": "running"}, **more}


def read(*resources: dict[str, Any]) -> list[Stored]:
    return connectors_in(json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}))


def test_connectors_of_both_front_ends_are_found_and_nothing_else() -> None:
    others = [resource("t", "kafka-connectors:index:Topic"), resource("s", "pulumi:pulumi:Stack")]
    found = read(resource("b", DYNAMIC), *others, resource("a", PLUGIN))
    assert [(one.name, one.urn.rpartition("::")[2]) for one in found] == [("a", "a-resource"), ("b", "b-resource")]


def test_secrets_are_marked_at_every_depth() -> None:
    secret, whole = {**MARK, "plaintext": '"hunter2"'}, {**MARK, "plaintext": '{"a": "hunter2"}'}
    (one,) = read(resource("a", inputs={"config": {"pin": secret, "x": "1"}, "restart": [secret], "offsets": whole}))
    assert one.inputs == {
        "config": {"pin": Secret("hunter2"), "x": "1"},
        "restart": [Secret("hunter2")],
        "offsets": Secret({"a": "hunter2"}),
    }
    assert "hunter2" not in repr(one)


def test_the_pickled_provider_is_no_input() -> None:
    (one,) = read(resource("a", DYNAMIC, inputs={"__provider": "gAS", "name": "a"}, outputs={"__provider": "gAS"}))
    assert (one.inputs, one.outputs) == ({"name": "a"}, {})


@pytest.mark.parametrize("flag", ["delete", "external"])
def test_what_the_stack_does_not_manage_is_left_out(flag: str) -> None:
    assert [one.name for one in read({**resource("a"), flag: True}, {**resource("b"), flag: False})] == ["b"]


@pytest.mark.parametrize("deployment", [{}, {"resources": None}, {"resources": []}])
def test_a_stack_may_be_empty(deployment: dict[str, Any]) -> None:
    assert connectors_in(json.dumps({"version": 3, "deployment": deployment})) == []


@pytest.mark.parametrize(
    "exported",
    [
        "",
        "[]",
        "{}",
        '{"deployment": null}',
        '{"deployment": {"resources": [1]}}',
        json.dumps({"deployment": {"resources": [{"type": PLUGIN}]}}),
        json.dumps({"deployment": {"resources": [resource("a", inputs={"x": {**MARK, "ciphertext": "v1:abc"}})]}}),
    ],
)
def test_anything_else_is_one_error(exported: str) -> None:
    with pytest.raises(SettingsError, match="did not write a deployment with secrets in plain text"):
        connectors_in(exported)
