"""The schema of the plugin's package, against the tables that it is made from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from pulumi_kafka_connectors.connect import models
from pulumi_kafka_connectors.core import settings, spec
from pulumi_kafka_connectors.installation import plugin_version
from pulumi_kafka_connectors.plugin import schema
from pulumi_kafka_connectors.plugin.functions import FUNCTIONS, properties_of, property_name
from pulumi_kafka_connectors.plugin.schema_file import SCHEMA_FILE

STORED: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
PREFIX = "kafka-connectors:index:"
RESOURCES: dict[str, tuple[tuple[spec.Input, ...], tuple[spec.Output, ...]]] = {
    "Connector": (spec.CONNECTOR, spec.CONNECTOR_OUTPUTS),
    "Topic": (spec.TOPIC, spec.TOPIC_OUTPUTS),
}


def nodes(value: Any, where: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the schema with its path."""
    if isinstance(value, dict):
        yield where, value
        for key, inner in value.items():
            yield from nodes(inner, f"{where}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from nodes(inner, f"{where}/{number}")


def test_the_stored_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema.text(), (
        "run `.venv/bin/python -m pulumi_kafka_connectors.plugin.schema`"
    )


def test_it_has_the_name_and_version_of_the_package() -> None:
    assert (STORED["name"], STORED["version"]) == ("kafka-connectors", plugin_version())


def test_every_reference_resolves() -> None:
    references = {node["$ref"] for _, node in nodes(STORED) if "$ref" in node}
    known = {f"#/types/{name}" for name in STORED["types"]} | {"pulumi.json#/Any"}
    assert references <= known
    assert known - references <= {f"#/types/{PREFIX}Worker"}  # only the answer of a function, which has its own properties


def test_every_property_has_a_type() -> None:
    properties = {
        f"{where}/{name}": described
        for where, node in nodes(STORED)
        for kind in ("properties", "inputProperties", "variables")
        if isinstance(node.get(kind), dict)
        for name, described in node[kind].items()
    }
    assert len(properties) > 100
    assert [where for where, described in properties.items() if not described.keys() & {"type", "$ref", "oneOf"}] == []


def test_required_properties_exist() -> None:
    for where, node in nodes(STORED):
        for names, properties in (("required", "properties"), ("requiredInputs", "inputProperties")):
            if isinstance(node.get(names), list):
                assert set(node[names]) <= node[properties].keys(), where
                assert len(set(node[names])) == len(node[names]), where


# Resources


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_has_every_input_and_output(name: str) -> None:
    inputs, outputs = RESOURCES[name]
    resource = STORED["resources"][PREFIX + name]
    assert resource["inputProperties"].keys() == {entry.name for entry in inputs}
    assert resource["properties"].keys() == {entry.name for entry in inputs} | {entry.name for entry in outputs}
    assert resource["requiredInputs"] == sorted(entry.name for entry in inputs if entry.required)
    always = {entry.name for entry in inputs if entry.required} | {entry.name for entry in outputs if entry.always}
    assert set(resource["required"]) == always | {"name"}
    assert resource["aliases"] == [{"type": f"pulumi-python:dynamic/kafka-connectors:{name}"}]


@pytest.mark.parametrize("name", RESOURCES)
def test_an_input_is_described_as_in_the_table(name: str) -> None:
    for entry in RESOURCES[name][0]:
        found = STORED["resources"][PREFIX + name]["inputProperties"][entry.name]
        assert found["description"].startswith(entry.meaning)
        assert (f"Kafka {entry.first}" in found["description"]) is bool(entry.first)
        assert found.get("replaceOnChanges", False) is entry.replaces


def test_defaults_are_those_of_the_table() -> None:
    inputs = STORED["resources"][f"{PREFIX}Connector"]["inputProperties"]
    found = {name: entry["default"] for name, entry in inputs.items() if "default" in entry}
    assert found == {"wait": True, "rollback": True, "forget": False}
    assert found == {name: spec.DEFAULTS[name] for name in found}
    # A default of several types does not compile in Go, and that of `adopt` depends on the settings.
    assert {name for name, entry in inputs.items() if "oneOf" in entry} & found.keys() == set()


def test_configurations_take_text_numbers_and_booleans_and_return_text() -> None:
    for name in RESOURCES:
        resource = STORED["resources"][PREFIX + name]
        given = resource["inputProperties"]["config"]["additionalProperties"]["oneOf"]
        assert [kind["type"] for kind in given] == ["string", "number", "boolean"]
        assert resource["properties"]["config"]["additionalProperties"] == {"type": "string"}


def test_the_states_are_those_that_can_be_asked_for() -> None:
    values = [entry["value"] for entry in STORED["types"][f"{PREFIX}State"]["enum"]]
    assert values == [state.word for state in spec.TARGET_STATES]


def test_counts_of_a_topic_are_integers() -> None:
    inputs = STORED["resources"][f"{PREFIX}Topic"]["inputProperties"]
    assert {name for name, entry in inputs.items() if entry.get("type") == "integer"} == {"partitions", "replication_factor"}


# Settings


@pytest.mark.parametrize("entry", settings.SETTINGS, ids=lambda entry: entry.name)
def test_a_setting_is_an_argument_of_the_provider_and_a_variable_of_the_stack(entry: settings.Setting) -> None:
    for found in (STORED["provider"]["inputProperties"][entry.name], STORED["config"]["variables"][entry.name]):
        assert found["description"].startswith(entry.meaning)
        assert found.get("secret", False) is entry.secret
        assert "defaultInfo" not in found  # the plugin reads the environment itself


def test_there_are_no_other_settings() -> None:
    assert STORED["provider"]["inputProperties"].keys() == STORED["config"]["variables"].keys() == set(settings.NAMES)


# Functions


def test_the_functions_are_those_that_can_be_called() -> None:
    assert STORED["functions"].keys() == {PREFIX + name for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_its_arguments_and_results(name: str) -> None:
    function, found = FUNCTIONS[name], STORED["functions"][PREFIX + name]
    inputs = found.get("inputs", {"properties": {}, "required": []})
    assert list(inputs["properties"]) == list(function.arguments)
    assert inputs["required"] == [key for key, argument in function.arguments.items() if argument.required]
    assert found["outputs"]["properties"]
    if function.result:
        assert list(found["outputs"]["properties"]) == found["outputs"]["required"] == [function.result]


MODELS = {f"{PREFIX}{kind.__name__}": kind for kind in vars(models).values() if isinstance(kind, type(BaseModel))}


@pytest.mark.parametrize("name", sorted(MODELS.keys() & STORED["types"].keys()))
def test_a_model_has_the_properties_that_answers_have(name: str) -> None:
    answer = properties_of(MODELS[name].model_construct(**dict.fromkeys(MODELS[name].model_fields)))
    assert answer.keys() == STORED["types"][name]["properties"].keys()


@pytest.mark.parametrize(("field", "alias", "expected"), [
    ("version", None, "version"),
    ("kafka_cluster_id", None, "kafkaClusterId"),
    ("class_name", "class", "class"),
    ("default_value", None, "defaultValue"),
])  # fmt: skip
def test_properties_are_named_in_camel_case(field: str, alias: str | None, expected: str) -> None:
    assert property_name(field, alias) == expected
