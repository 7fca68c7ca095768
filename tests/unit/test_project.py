"""The generated project that declares existing connectors."""

from __future__ import annotations

import ast
import json
import re

import pytest

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.exporting.import_file import PROVIDER
from pulumi_kafka_connectors.cli.exporting.project import Project, project_for
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
    assert set(values) == {"config", "adopt"}
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
    del config["token"]
    imported = imports(made(Found("a", config, "running", frozenset({"pin"}))))["a"]
    assert isinstance(imported["config"], dict)
    assert json.loads(imported["config"]["pin"]["plaintext"]) == "hunter2"
    assert imported["passwords"] == ["pin"]


def test_names_in_the_configuration_never_collide() -> None:
    result = made(*(Found(name, {**BASE, "password": name}, "running") for name in ("a b", "a:b", "a-b")))
    for number in ("", "-2", "-3"):
        assert f'"a-b.password{number}"' in result.files["__main__.py"]


def test_connectors_that_cannot_be_declared_are_reported_and_skipped() -> None:
    result = made(Found("a/b", BASE, "running"), Found("c", BASE, "running"))
    assert list(declared(result)) == ["c"]
    assert len(result.skipped) == 1
    assert result.skipped[0].startswith("connector a/b is skipped: name must not hold `/`")


def test_without_secrets_nothing_of_pulumi_is_imported() -> None:
    result = made(Found("a", BASE, "running"))
    assert "import pulumi\n" not in result.files["__main__.py"]
    assert "http://a:8083,http://b:8083" in result.files["README.md"]


def test_the_pickled_provider_of_import_files_is_the_one_of_states() -> None:
    assert PROVIDER == host.PROVIDER
    imported = json.loads(made(Found("a", BASE, "paused")).private["import.json"])["resources"][0]
    assert imported["inputs"] == {"__provider": PROVIDER, "name": "a", "config": BASE, "state": "paused", "adopt": "same"}


def test_the_class_comes_first_and_the_other_keys_in_order() -> None:
    assert list(Found("a", {"b": "1", "a": "2", "connector.class": "C"}).declared) == ["connector.class", "a", "b"]


def keywords(call: ast.Call) -> dict[str | None, object]:
    """The arguments with a plain value."""
    return {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}


def imports(result: Project) -> dict[str, dict[str, object]]:
    return {one["name"]: one["inputs"] for one in json.loads(result.private["import.json"])["resources"]}


def test_what_exists_is_taken_over_only_as_it_is() -> None:
    result = made(Found("a", BASE, "running"))
    assert keywords(declared(result)["a"])["adopt"] == "same"
    assert imports(result)["a"]["adopt"] == "same"


def test_what_failed_is_neither_restarted_nor_awaited() -> None:
    result = made(Found("a", BASE, observed={"status": "failed"}), Found("b", BASE, observed={"status": "running"}))
    assert keywords(declared(result)["a"])["wait"] is False
    assert "wait" not in keywords(declared(result)["b"])
    assert imports(result)["a"]["wait"] is False
    assert re.search(r"# .*failed.*\n +wait=False", result.files["__main__.py"])
    assert [note for note in result.notes if "connector a " in note and "wait=False" in note]
    assert "connector a " in result.files["README.md"]


def test_a_mask_is_never_imported() -> None:
    result = made(Found("a", {**BASE, "db.password": "********"}), Found("b", BASE))
    assert list(imports(result)) == ["b"]
    assert "****" not in result.private["import.json"]
    assert [note for note in result.notes if "connector a " in note and "import.json" in note and "db.password" in note]
    assert "connector a is not in import.json" in result.files["README.md"]
    # A mask under a key that does not look secret is none that could be told from a value: it is not imported either.
    assert list(imports(made(Found("a", {**BASE, "topic": "********"})))) == []


@pytest.mark.parametrize("name", ["a: b", "1.0", "yes", "#x", "{a}", '"', "it's", "a\\b", "null"])
def test_the_name_of_the_project_is_escaped(name: str) -> None:
    text = project_for([], name, ["http://a:8083"]).files["Pulumi.yaml"]
    assert json.loads(text.splitlines()[0].removeprefix("name: ")) == name


def test_what_a_command_line_or_a_file_cannot_hold_is_told() -> None:
    config = {**BASE, "db.password": "a\0b", "x.password": "\ud800", "odd": "a\0\ud800\u202e\U000e0001b"}
    result = made(Found("a", config), Found("b\ud800", BASE))
    for text in (*result.files.values(), *result.private.values()):
        text.encode()
    assert "\0" not in "".join([*result.files.values(), *result.private.values()])
    assert "\u202e" not in result.files["__main__.py"]
    values = {k.arg: k.value for k in declared(result)["a"].keywords}
    pairs = values["config"]
    assert isinstance(pairs, ast.Dict)
    texts = {ast.literal_eval(key): value for key, value in zip(pairs.keys, pairs.values, strict=True) if key}
    assert ast.literal_eval(texts["odd"]) == config["odd"]
    assert "a.db.password" not in result.private["secrets.sh"]
    assert [note for note in result.notes if note.startswith("a.db.password ")]
    assert [note for note in result.notes if note.startswith("a.x.password ")]
    assert len(result.skipped) == 1


def test_what_nobody_knows_to_be_a_password_is_told() -> None:
    result = made(Found("a", BASE, passwords=None))
    assert [note for note in result.notes if "a.B" in note and "passwords" in note]
    assert not made(Found("a", BASE)).notes
