"""The project that declares connectors which exist already, as text."""

from __future__ import annotations

import ast
import json

from pulumi_kafka_connectors.cli.project import PROVIDER, Found, Project, project_for
from tests.support import host

BASE = {"connector.class": "a.B"}


def made(*found: Found) -> Project:
    return project_for(found, "taken", ["http://a:8083", "http://b:8083"])


def declared(result: Project) -> dict[str, ast.Call]:
    """The calls of `kc.Connector` by their first argument."""
    tree = ast.parse(result.files["__main__.py"])
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "kc.Connector"]
    return {ast.literal_eval(call.args[0]): call for call in calls}


def test_every_text_survives() -> None:
    config = {**BASE, "odd": '"quoted" \\ \n\t\u2028 \x7f grün🙂 {x} %s $HOME'}
    call = declared(made(Found('it\'s "x"', config, "running")))['it\'s "x"']
    values = {keyword.arg: keyword.value for keyword in call.keywords}
    assert set(values) == {"config"}
    assert ast.literal_eval(values["config"]) == {"connector.class": "a.B", "odd": config["odd"]}


def test_states_are_declared_unless_running() -> None:
    calls = declared(made(*(Found(state, BASE, state) for state in ("running", "paused", "stopped"))))
    states = {name: [ast.literal_eval(k.value) for k in call.keywords if k.arg == "state"] for name, call in calls.items()}
    assert states == {"running": [], "paused": ["paused"], "stopped": ["stopped"]}


def test_secrets_never_reach_the_program() -> None:
    config = {
        **BASE,
        "db.password": "hunter2",
        "pin": "hunter2",
        "url": "jdbc:x://u:hunter2@db",
        "file.password": "${file:/a:b}",
        "token": "****",
    }
    result = made(Found("a", config, "running", frozenset({"pin"})))
    text = "".join(result.files.values())
    assert "hunter2" not in text
    assert '"file.password": "${file:/a:b}"' in text
    for key in ("db.password", "pin", "url", "token"):
        assert f'"{key}": config.require_secret("a.{key}")' in text
    assert result.masked == ["a.token"]
    assert "a.token" not in result.private["secrets.sh"]
    assert "--secret a.pin=hunter2" in result.private["secrets.sh"]
    imported = json.loads(result.private["import.json"])["resources"][0]
    assert json.loads(imported["inputs"]["config"]["pin"]["plaintext"]) == "hunter2"
    assert imported["inputs"]["passwords"] == ["pin"]


def test_names_in_the_configuration_never_meet() -> None:
    result = made(*(Found(name, {**BASE, "password": name}, "running") for name in ("a b", "a:b", "a-b")))
    for number in ("", "-2", "-3"):
        assert f'"a-b.password{number}"' in result.files["__main__.py"]


def test_what_cannot_be_declared_is_told_and_left_out() -> None:
    result = made(Found("a/b", BASE, "running"), Found("c", BASE, "running"))
    assert list(declared(result)) == ["c"]
    assert len(result.skipped) == 1
    assert result.skipped[0].startswith("connector a/b is left out: name must not hold `/`")


def test_without_secrets_nothing_of_pulumi_is_imported() -> None:
    result = made(Found("a", BASE, "running"))
    assert "import pulumi\n" not in result.files["__main__.py"]
    assert "http://a:8083,http://b:8083" in result.files["README.md"]


def test_the_pickled_provider_of_import_files_is_the_one_of_states() -> None:
    assert PROVIDER == host.PROVIDER
    imported = json.loads(made(Found("a", BASE, "paused")).private["import.json"])["resources"][0]
    assert imported["inputs"] == {"__provider": PROVIDER, "name": "a", "config": BASE, "state": "paused"}


def test_the_class_comes_first_and_the_other_keys_in_order() -> None:
    assert list(Found("a", {"b": "1", "a": "2", "connector.class": "C"}).declared) == ["connector.class", "a", "b"]
