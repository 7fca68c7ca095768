"""The pages that the Pulumi registry shows, compared with the schema and the table of settings."""

from __future__ import annotations

import ast
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from pulumi_kafka_connectors import native
from pulumi_kafka_connectors.core.settings import ENVIRONMENT, NAMES, SETTINGS
from pulumi_kafka_connectors.plugin.schema_file import SCHEMA_FILE
from tests.support.pages import DOCS, ROOT, table

PAGES = {name: (DOCS / f"{name}.md").read_text() for name in ("_index", "installation-configuration")}
OVERVIEW, INSTALLATION = PAGES.values()
SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
TOKEN = "kafka-connectors:index:Connector"
CONNECTOR = SCHEMA["resources"][TOKEN]
LANGUAGES = ("typescript", "python", "go", "yaml")
MODULES = {language: SCHEMA["language"]["nodejs" if language == "typescript" else language] for language in LANGUAGES[:3]}


def tabs(page: str) -> dict[str, str]:
    """The content of each tab of the page's chooser."""
    (around,) = re.findall(r'\{\{< chooser language "([\w,]+)" >\}\}\n(.*?)\{\{< /chooser >\}\}', page, re.DOTALL)
    found = re.findall(r"\{\{% choosable language (\w+) %\}\}\n\n(.*?)\n\n\{\{% /choosable %\}\}", around[1], re.DOTALL)
    assert [language for language, _ in found] == around[0].split(",")
    assert page.count("{{") == 2 + 2 * len(found)
    return dict(found)


def program(language: str) -> str:
    """The program in a tab of the overview; it is all that the tab contains."""
    found = re.fullmatch(rf"```{language}\n(.*)\n```", tabs(OVERVIEW)[language], re.DOTALL)
    assert found
    return found[1]


# Both pages


@pytest.mark.parametrize("name", PAGES)
def test_the_front_matter_is_what_the_registry_reads(name: str) -> None:
    found = re.match(r"---\n(.*?)\n---\n\n", PAGES[name], re.DOTALL)
    assert found
    entries = dict(line.split(": ", 1) for line in found[1].splitlines())
    assert entries.keys() == {"title", "meta_desc", "layout"}
    title = SCHEMA["displayName"]
    assert entries["title"] == (title if name == "_index" else f"{title} Installation & Configuration")
    assert entries["layout"] == "package"
    assert len(entries["meta_desc"]) < 160


@pytest.mark.parametrize("name", PAGES)
def test_every_language_has_a_tab(name: str) -> None:
    assert tuple(tabs(PAGES[name])) == LANGUAGES


@pytest.mark.parametrize("name", PAGES)
def test_links_are_absolute_and_lead_to_files_of_this_repository(name: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", PAGES[name])
    assert links
    for link in links:
        assert link.startswith(f"{SCHEMA['repository']}/blob/main/"), link
        assert (ROOT / link.removeprefix(f"{SCHEMA['repository']}/blob/main/")).is_file(), link


def test_the_icon_is_a_square_drawing() -> None:
    icon = ET.parse(DOCS / "pictures" / "icon.svg").getroot()
    assert icon.tag == "{http://www.w3.org/2000/svg}svg"
    assert (icon.attrib["width"], icon.attrib["height"], icon.attrib["viewBox"]) == ("100", "100", "0 0 100 100")


# The programs


def test_typescript_imports_the_package_of_the_schema() -> None:
    text = program("typescript")
    assert f'import * as kafka from "{MODULES["typescript"]["packageName"]}";' in text
    assert "new kafka.Connector(" in text


def test_go_imports_the_package_of_the_schema() -> None:
    text = program("go")
    assert f'kafka "{MODULES["go"]["importBasePath"]}"' in text
    assert "kafka.NewConnector(ctx, " in text
    assert "&kafka.ConnectorArgs{" in text


def test_python_uses_the_classes_for_the_plugin() -> None:
    text = program("python")
    ast.parse(text)
    assert f"import {native.__name__} as kafka" in text
    assert "kafka.Connector(" in text


def test_yaml_has_the_type_of_the_schema() -> None:
    assert f"type: {TOKEN}\n" in program("yaml")
    assert f"`pulumi import {TOKEN} " in OVERVIEW


@pytest.mark.parametrize(
    ("language", "key", "value"),
    [
        ("typescript", r'^ {8}"([\w.]+)": (.+),$', r'"(.*)"'),
        ("python", r'^ {8}"([\w.]+)": (.+),$', r'"(.*)"'),
        ("go", r'^\t{4}"([\w.]+)": +(.+),$', r'pulumi\.(?:String|Int)\("?(.*?)"?\)'),
        ("yaml", r"^ {8}([\w.]+): (.+)$", r"(.*)"),
    ],
)
def test_every_language_declares_the_same_connector(language: str, key: str, value: str) -> None:
    configuration = dict(re.findall(key, program(language), re.MULTILINE))
    assert "dbPassword" in configuration.pop("connection.password")
    plain = {name: found[1] if (found := re.fullmatch(value, text)) else text for name, text in configuration.items()}
    assert plain == {
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "tasks.max": "4",
        "topics": "orders",
        "connection.url": "jdbc:postgresql://db:5432/orders",
        "connection.username": "orders",
    }
    assert "orders-sink" in program(language)


@pytest.mark.parametrize(
    ("language", "inputs", "output"),
    [
        ("typescript", r"^ {4}(\w+): ", "orders.status"),
        ("python", r"^ {4}(\w+)=", "orders.status"),
        ("go", r"^\t{3}(\w+): ", "orders.Status"),
        ("yaml", r"^ {6}(\w+):", "${orders-sink.status}"),
    ],
)
def test_inputs_and_outputs_are_those_of_the_schema(language: str, inputs: str, output: str) -> None:
    found = [name.lower() for name in re.findall(inputs, program(language), re.MULTILINE)]
    assert found == ["config", "state"]
    assert set(found) <= CONNECTOR["inputProperties"].keys()
    assert output in program(language)
    assert "status" in CONNECTOR["properties"]


def test_the_state_is_one_that_a_connector_can_be_brought_into() -> None:
    states = {entry["value"]: entry["name"] for entry in SCHEMA["types"]["kafka-connectors:index:State"]["enum"]}
    assert 'state: "running"' in program("typescript")
    assert 'state="running"' in program("python")
    assert f"State: kafka.State{states['running']}" in program("go")
    assert "state: running" in program("yaml")


# Installation and configuration


def test_the_schema_leads_to_the_icon_and_to_the_releases() -> None:
    assert SCHEMA["logoUrl"] == f"{SCHEMA['repository']}/raw/main/docs/pictures/icon.svg"
    owner, name = SCHEMA["repository"].split("/")[-2:]
    assert SCHEMA["pluginDownloadURL"] == f"github://api.github.com/{owner}"
    assert name == f"pulumi-{SCHEMA['name']}", "the engine looks for releases of the repository with this name"


def test_the_provider_is_installed_from_the_releases_of_this_repository() -> None:
    commands = re.findall(
        r"^pulumi plugin install resource (\S+) --server github://api\.github\.com/(\S+)$", INSTALLATION, re.MULTILINE
    )
    assert len(commands) == len(LANGUAGES) - 1
    # The engine adds `pulumi-` and the name of the plugin.
    assert {f"https://github.com/{owner}/pulumi-{name}" for name, owner in commands} == {SCHEMA["repository"]}
    assert {name for name, _ in commands} == {SCHEMA["name"]}


def test_every_language_names_its_package() -> None:
    found = tabs(INSTALLATION)
    assert f"`{MODULES['typescript']['packageName']}`" in found["typescript"]
    assert f"`{MODULES['go']['importBasePath']}`" in found["go"]
    assert "pip install pulumi-kafka-connectors\n" in found["python"]
    for language in ("typescript", "go"):
        assert f"pulumi package add {SCHEMA['name']}\n" in found[language]


def test_the_examples_set_settings_that_exist() -> None:
    keys = re.findall(r"^pulumi config set (?:--secret )?kafka-connectors:(\w+)", INSTALLATION, re.MULTILINE)
    variables = re.findall(r"^export (\w+)=", INSTALLATION, re.MULTILINE)
    assert keys
    assert set(keys) <= set(NAMES)
    assert variables == [ENVIRONMENT[key] for key in keys]


def test_the_table_is_that_of_the_settings() -> None:
    assert table(INSTALLATION, "Configuration") == [
        [
            f"`{setting.name}`",
            f"`{setting.variable}`" if setting.variable else "",
            "yes" if setting.secret else "",
            setting.meaning,
        ]
        for setting in SETTINGS
    ]
