"""The other forms of `export` with the real engine: a YAML program through the plugin, and JSON files for `kc.load`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pulumi_kafka_connectors import installation
from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.connect.states import State
from sandbox import languages
from sandbox.cluster import Sandbox, Worker
from tests.engine.conftest import MakeProject
from tests.engine.test_export import IMPORT_FLAGS
from tests.support.clusters import client_of, has_failed_task
from tests.support.engine import Project
from tests.support.names import Names
from tests.support.waiting import wait_until

SOURCE = {"connector.class": "testing.FaultySource", "rate": "1"}


class YamlProject(Project):
    """The exported YAML program, with its host and the installed plugin."""

    def __init__(self, folder: Path, box: Path) -> None:
        self.folder = folder
        self.front_end, self.error = "plugin", ""
        self.environment = languages.environment(box, "yaml")
        installation.install(installation.plugins_folder(self.environment))

    def start(self, stack: str, url: str) -> None:
        """A new stack with the exported secrets."""
        self.run("stack", "init", stack)
        self.run("config", "set", "kafka-connectors:url", url)
        subprocess.run(["sh", "secrets.sh"], cwd=self.folder, env=self.environment, check=True)


@pytest.fixture
def existing(single: Worker, names: Names, tmp_path: Path) -> dict[str, dict[str, str]]:
    """Four connectors: with secrets and odd text, paused, stopped, and one that has failed."""
    client = client_of(single)
    (tmp_path / "db.properties").write_text("password=pl4nted\n")
    odd = {
        "topic": "a\"b\\c $HOME ${x} $${y} $$ \\ 'd' #e",
        "pin": "0012",
        "db.password": "it's pl4nted $X ${z}",
        "file.password": f"${{file:{tmp_path}/db.properties:password}}",
        "${key}": "1.0",
        "on": "true",
    }
    states = {"odd: \"Ünïcode\" 'x' $HOME": None, "paused": State.PAUSED, "stopped": State.STOPPED, "broken": None}
    configs = {"odd": odd, "broken": {"fail.at": "task"}}
    made = {}
    for stem, state in states.items():
        name = f"{names('it')} {stem}"
        client.create(name, {**SOURCE, **configs.get(stem.partition(":")[0], {})}, state)
        made[name] = client.config(name)
    (broken,) = [name for name in made if name.endswith("broken")]
    wait_until(lambda: client.expanded(status=True).keys() == set(client.connectors()))
    wait_until(lambda: has_failed_task(client, broken))
    return made


def export(worker: Worker, folder: Path, *arguments: str) -> Path:
    assert main(["export", *arguments, "--url", worker.url, "--output", str(folder), "--secrets"]) == 0
    return folder


def test_a_yaml_program_takes_over_what_runs_without_a_change(
    single: Worker, existing: dict[str, dict[str, str]], box: Sandbox, tmp_path: Path
) -> None:
    client = client_of(single)
    folder = export(single, tmp_path / "made", *existing, "--language", "yaml")
    text = (folder / "Pulumi.yaml").read_text()
    assert "pl4nted" not in text + (folder / "README.md").read_text()
    assert f"$${{file:{tmp_path}/db.properties:password}}" in text
    states = {name: client.status(name).connector.state for name in existing}

    project = YamlProject(folder, box.folder / "languages" / tmp_path.name)
    project.start("up", single.url)
    assert f"{len(existing) + 1} created" in project.run("up", "--yes", "--skip-preview").output
    project.run("preview", "--expect-no-changes")
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    project.start("imported", single.url)
    project.run("import", "--file", "import.json", *IMPORT_FLAGS)
    project.run("preview", "--expect-no-changes")
    assert "pl4nted" not in str(project.state())

    assert {name: client.config(name) for name in existing} == existing
    assert {name: client.status(name).connector.state for name in existing} == states


def test_json_files_are_loaded_without_a_change(
    single: Worker, existing: dict[str, dict[str, str]], project_at: MakeProject, tmp_path: Path
) -> None:
    client = client_of(single)
    project = project_at(single.url)
    folder = export(single, project.folder / "connectors", *existing, "--format", "json")
    files = [file for file in sorted(folder.iterdir()) if file.suffix == ".json"]
    assert "pl4nted" not in "".join(file.read_text() for file in files)
    assert sorted(json.loads(file.read_text())["name"] for file in files) == sorted(existing)
    states = {name: client.status(name).connector.state for name in existing}

    subprocess.run(["sh", "connectors/secrets.sh"], cwd=project.folder, env=project.environment, check=True)
    project.up('kc.load("connectors", adopt="same", wait=False)\n')
    project.run("preview", "--expect-no-changes")
    assert "pl4nted" not in str(project.state())
    assert {name: client.config(name) for name in existing} == existing
    assert {name: client.status(name).connector.state for name in existing} == states
