"""The generated YAML program that declares existing connectors."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.exporting.project import Project, project_for
from pulumi_kafka_connectors.cli.quoting import uninterpolated

BASE = {"connector.class": "a.B"}


def made(*found: Found, name: str = "taken") -> Project:
    return project_for(found, name, ["http://a:8083"], "yaml")


def program(*found: Found, name: str = "taken") -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(made(*found, name=name).files["Pulumi.yaml"])
    return parsed


def properties(*found: Found) -> dict[str, dict[str, Any]]:
    return {name: resource["properties"] for name, resource in program(*found)["resources"].items()}


def interpolated(text: str) -> str:
    """What the YAML host makes of a text without references: of two dollars one stays, `${` begins a reference."""
    assert not re.match(r"(?:[^$]|\$\$|\$(?!\{))*\$\{", text.replace("$$", "\0")), f"a reference in {text!r}"
    return text.replace("$$", "$")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("${file:/run/db:password}", "$${file:/run/db:password}"),
        ("$HOME and 5$", "$HOME and 5$"),
        ("a$$b", "a$$$$b"),
        ("$$$", "$$$$$$"),
        ("$${x}", "$$$${x}"),
        ("$$${x}", "$$$$$${x}"),
        ("{x}$", "{x}$"),
        ("", ""),
    ],
)
def test_no_value_is_read_as_a_reference(value: str, written: str) -> None:
    assert uninterpolated(value) == written
    assert interpolated(written) == value


def test_every_text_survives_in_values_and_keys() -> None:
    odd = '"quoted" \\ \n\t\r\u2028\u0085 \x7f\x00 grün🙂\ufffe {x} %s #no ${y} $$ - : yes'
    config = {**BASE, odd: odd, "no": "1.0", "1": "true", "a: b": "~"}
    ((name, found),) = properties(Found('it\'s "x": #1', config)).items()
    assert name == 'it\'s "x": #1'
    assert {interpolated(key): interpolated(value) for key, value in found["config"].items()} == config


def test_numbers_and_booleans_stay_text() -> None:
    config = {**BASE, "tasks.max": "4", "on": "true", "date": "2026-01-01", "octal": "010", "empty": ""}
    assert properties(Found("a", config))["a"]["config"] == config


def test_states_and_failures_are_declared() -> None:
    found = properties(
        Found("a", BASE, "paused"),
        Found("b", BASE, observed={"status": "failed"}),
        Found("c", BASE),
        Found("d", BASE, "stopped"),
    )
    assert found == {
        "a": {"config": BASE, "state": "paused", "adopt": "same"},
        "b": {"config": BASE, "adopt": "same", "wait": False},
        "c": {"config": BASE, "adopt": "same"},
        "d": {"config": BASE, "state": "stopped", "adopt": "same"},
    }


def test_secrets_come_from_the_configuration_of_the_stack() -> None:
    config = {**BASE, "db.password": "hunter2", "pin": "hunter2", "file.password": "${file:/a:b}", "token": "****"}
    result = made(Found("a b", config, passwords=frozenset({"pin"})))
    assert "hunter2" not in "".join(result.files.values())
    assert "****" not in "".join([*result.files.values(), *result.private.values()])
    parsed = yaml.safe_load(result.files["Pulumi.yaml"])
    secret = {"type": "string", "secret": True}
    assert parsed["config"] == {f"a-b-{key}": secret for key in ("db-password", "pin", "token")}
    written = parsed["resources"]["a b"]["properties"]["config"]
    assert written["db.password"] == "${a-b-db-password}"
    assert written["file.password"] == "$${file:/a:b}"
    assert "a-b-db-password=hunter2" in result.private["secrets.sh"]
    assert result.masked == ["a-b-token"]


def test_the_import_file_names_the_plugins_type_and_no_pickled_provider() -> None:
    (entry,) = json.loads(made(Found("a", {**BASE, "db.password": "hunter2"})).private["import.json"])["resources"]
    assert (entry["type"], entry["name"], entry["id"]) == ("kafka-connectors:index:Connector", "a", "a")
    assert "__provider" not in entry["inputs"]
    assert json.loads(entry["inputs"]["config"]["db.password"]["plaintext"]) == "hunter2"


def test_no_secret_has_the_name_of_a_resource() -> None:
    found = program(Found("a", {**BASE, "password": "x"}), Found("a-password", BASE))
    assert not found["config"].keys() & found["resources"].keys()
    assert found["resources"]["a"]["properties"]["config"]["password"] == "${a-password-2}"


def test_the_reserved_name_is_the_name_of_the_connector_only() -> None:
    result = made(Found("pulumi", BASE), Found("pulumi-connector", BASE))
    resources = yaml.safe_load(result.files["Pulumi.yaml"])["resources"]
    assert list(resources) == ["pulumi-connector-2", "pulumi-connector"]
    assert resources["pulumi-connector-2"]["properties"]["name"] == "pulumi"
    imported = json.loads(result.private["import.json"])["resources"]
    assert [(one["name"], one["id"]) for one in imported] == [
        ("pulumi-connector-2", "pulumi"),
        ("pulumi-connector", "pulumi-connector"),
    ]


def test_what_yaml_cannot_hold_is_skipped_and_told() -> None:
    result = made(Found("a", {**BASE, "x": "\ud800"}), Found("b", {**BASE, "fn::fileAsset": "x"}), Found("c", BASE))
    assert list(yaml.safe_load(result.files["Pulumi.yaml"])["resources"]) == ["c"]
    assert [message.split(" is skipped")[0] for message in result.skipped] == ["connector a", "connector b"]


def test_without_connectors_the_program_is_empty() -> None:
    assert program()["resources"] == {}


@pytest.mark.parametrize("name", ["a: b", "1.0", "yes", "#x", "{a}", '"', "it's", "a\\b", "null"])
def test_the_name_of_the_project_is_escaped(name: str) -> None:
    assert program(name=name)["name"] == name


def test_the_readme_installs_the_plugin() -> None:
    result = made(Found("a", {**BASE, "password": "x"}))
    assert "pulumi-kafka-connectors plugin install" in result.files["README.md"]
    assert sorted(result.files) == ["Pulumi.yaml", "README.md"]
