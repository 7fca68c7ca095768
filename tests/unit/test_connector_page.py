"""The page about the resource, compared with the table of inputs and outputs and with the class."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from pulumi_kafka_connectors.connect.features import Features
from pulumi_kafka_connectors.core.spec import CONNECTOR, CONNECTOR_OUTPUTS, DEFAULT_TIMEOUT, INPUTS, OBSERVED, Input
from pulumi_kafka_connectors.resources.connector import Connector, ConnectorDeclaration
from tests.support.pages import DOCS, GAP, package_text, table

PAGE = (DOCS / "connector.md").read_text()
PACKAGE_TEXT = package_text()
OTHER_DEFAULTS = {"name": "the resource's name", "timeouts": f"`{DEFAULT_TIMEOUT:.0f}` each"}
"""Defaults that are not values of the input."""


def versions(text: str) -> list[str]:
    return re.findall(r"Kafka (\d+\.\d+)", text)


def default(entry: Input) -> str:
    return OTHER_DEFAULTS.get(entry.name, "" if entry.default is None else f"`{entry.default!r}`")


def test_inputs_are_those_of_the_table_with_type_and_default() -> None:
    rows = [[name.strip("`"), kind, value] for name, kind, value, _ in table(PAGE, "Inputs")]
    assert rows == [[entry.name, entry.type, default(entry)] for entry in CONNECTOR]


def test_inputs_name_their_first_kafka_version() -> None:
    found = {name.strip("`"): versions(meaning) for name, _, _, meaning in table(PAGE, "Inputs")}
    expected = {entry.name: [entry.first] if entry.first else [] for entry in CONNECTOR}
    # Only one value of `state` needs a version.
    expected["state"] = [".".join(map(str, Features.stop.first[:2]))]
    assert found == expected


def test_outputs_are_those_of_the_table_with_type_and_version() -> None:
    rows = [[name.strip("`"), kind, versions(meaning)] for name, kind, meaning in table(PAGE, "Outputs")]
    assert rows == [[entry.name, entry.type, versions(entry.meaning)] for entry in CONNECTOR_OUTPUTS]


def test_the_constructor_takes_and_explains_every_input() -> None:
    around = ("self", "resource_name", "opts")
    parameters = [name for name in inspect.signature(Connector.__init__).parameters if name not in around]
    assert parameters == list(INPUTS)
    explained = (inspect.getdoc(Connector.__init__) or "").split("Args:\n")[1]
    names = re.findall(r"^ {4}(\w+): ", explained, re.MULTILINE)
    assert [name for name in names if name not in around] == list(INPUTS)


def test_every_attribute_of_the_class_is_an_input_or_an_output() -> None:
    declared = [
        node.target
        for node in ast.walk(ast.parse(inspect.getsource(ConnectorDeclaration)))
        if isinstance(node, ast.AnnAssign)
    ]
    assert {name.id for name in declared if isinstance(name, ast.Name)} == {*INPUTS, *OBSERVED}


@pytest.mark.parametrize("message", [row[0].strip("`") for row in table(PAGE, "When it fails")])
def test_every_message_on_the_page_is_in_the_code(message: str) -> None:
    assert re.sub(r"\b(X|N|0|HOST)\b", GAP, message) in PACKAGE_TEXT
