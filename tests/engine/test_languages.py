"""Programs in every language that the sandbox has a host for, on a real worker, and the SDKs that they use."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from pulumi_kafka_connectors import installation
from sandbox import engine, languages, sdks
from sandbox.cluster import Sandbox, Worker
from sandbox.languages import HostLanguage
from tests.support.clusters import client_of, exists
from tests.support.engine import Project
from tests.support.names import Names
from tests.support.waiting import wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PASSWORD = "pl4nted"


def nothing(folder: Path) -> None:
    pass


def compile_typescript(folder: Path) -> None:
    assert languages.node_project(folder, sdks.SCHEMA) == "pulumi-kafka-connectors"
    languages.compile_typescript(folder, "--noEmit")


def compile_go(folder: Path) -> None:
    module = folder / "go.mod"
    module.write_text(module.read_text().replace("../../sdk", str(sdks.FOLDER)))
    vet, build = ["go", "vet", "./..."], ["go", "build", "-o", "program"]
    for command, where in ((vet, sdks.FOLDER), (vet, folder), (build, folder)):
        result = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
    # Otherwise the host would build it again for each command.
    project = folder / "Pulumi.yaml"
    options = "runtime:\n  name: go\n  options:\n    binary: program\n"
    project.write_text(project.read_text().replace("runtime: go\n", options))


def import_the_plugin(folder: Path) -> None:
    program = folder / "__main__.py"
    program.write_text(program.read_text().replace("pulumi_kafka_connectors as kc", "pulumi_kafka_connectors.native as kc"))


@dataclass(frozen=True)
class Language:
    """The example of a language, and what is added to it here: a connector with a secret, and a look-up.

    Attributes:
        example: its folder.
        program: the file with its program.
        insertions: what is added, by the text before which it is inserted; at the end if that is empty.
        build: what is done before the first run.
    """

    example: str
    program: str
    insertions: dict[str, str]
    build: Callable[[Path], None] = nothing

    def prepare(self, folder: Path) -> None:
        shutil.copytree(EXAMPLES / self.example, folder)
        if not (folder / "Pulumi.yaml").exists():
            (folder / "Pulumi.yaml").write_text("name: quickstart\nruntime: python\n")
        file = folder / self.program
        text = file.read_text()
        for where, inserted in self.insertions.items():
            before, found, after = text.partition(where) if where else (text, "", "")
            assert found == where
            text = before + inserted + found + after
        file.write_text(text)
        self.build(folder)


LANGUAGES = {
    "yaml": Language(
        "quickstart-yaml",
        "Pulumi.yaml",
        {
            "variables:\n": """\
  rate:
    type: integer
  password:
    type: string
    secret: true
""",
            "resources:\n": """\
  status:
    fn::invoke:
      function: kafka-connectors:getStatus
      arguments:
        name: ${sink.id}
""",
            "outputs:\n": """\
  numbers:
    type: kafka-connectors:Connector
    properties:
      config:
        connector.class: testing.FaultySource
        tasks.max: 1
        rate: ${rate}
        db.password: ${password}
""",
            "": """\
  found: ${status.connector.state}
""",
        },
    ),
    "nodejs": Language(
        "quickstart-typescript",
        "index.ts",
        {
            "": """
new kafka.Connector("numbers", {
    config: {
        "connector.class": "testing.FaultySource",
        "tasks.max": 1,
        "rate": settings.requireNumber("rate"),
        "db.password": settings.requireSecret("password"),
    },
});

export const found = kafka.getStatusOutput({ name: linesSink.id }).connector.state;
"""
        },
        compile_typescript,
    ),
    "go": Language(
        "quickstart-go",
        "main.go",
        {
            "\t\treturn nil\n": """
		_, err = kafkaconnectors.NewConnector(ctx, "numbers", &kafkaconnectors.ConnectorArgs{
			Config: pulumi.Map{
				"connector.class": pulumi.String("testing.FaultySource"),
				"tasks.max":       pulumi.Int(1),
				"rate":            pulumi.Int(config.RequireInt(ctx, "rate")),
				"db.password":     config.RequireSecret(ctx, "password"),
			},
		})
		if err != nil {
			return err
		}
		status := kafkaconnectors.GetStatusOutput(ctx, kafkaconnectors.GetStatusOutputArgs{
			Name: sink.ID().ToStringOutput(),
		})
		ctx.Export("found", status.Connector().State())
"""
        },
        compile_go,
    ),
    "python": Language(
        "quickstart",
        "__main__.py",
        {
            "": """
kc.Connector(
    "numbers",
    config={
        "connector.class": "testing.FaultySource",
        "tasks.max": 1,
        "rate": config.require_int("rate"),
        "db.password": config.require_secret("password"),
    },
)
pulumi.export("found", kc.get_status_output(sink.id).apply(lambda status: status.connector.state))
"""
        },
        import_the_plugin,
    ),
}


class LanguageProject(Project):
    """The extended example of a language with a stack of its own, through the plugin."""

    def __init__(self, language: str, folder: Path, box: Path) -> None:
        self.folder = folder
        self.front_end, self.error = "plugin", ""
        if language == "python":
            self.environment = {**engine.environment(box), "PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}
        else:
            self.environment = languages.environment(box, cast("HostLanguage", language))
            self.environment["PULUMI_NODEJS_TRANSPILE_ONLY"] = "true"  # types are checked once, by `compile_typescript`
        installation.install(installation.plugins_folder(self.environment))
        LANGUAGES[language].prepare(folder)
        self.run("stack", "init", language)

    def set(self, settings: dict[str, str]) -> None:
        options = {"password": "--secret"}
        pairs = [(options.get(key, "--plaintext"), f"{key}={value}") for key, value in settings.items()]
        self.run("config", "set-all", *(part for pair in pairs for part in pair))


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_life_cycle_of_the_quickstart(language: str, single: Worker, box: Sandbox, names: Names, tmp_path: Path) -> None:
    client, files = client_of(single), tmp_path / "files"
    files.mkdir()
    (files / "input.txt").write_text(f"from {language}\n")
    project = LanguageProject(language, tmp_path / "program", box.folder / "languages" / tmp_path.name)
    project.set({"kafka-connectors:url": single.url, "folder": str(files), "rate": "5", "password": PASSWORD})
    # Create, with a look-up of what is created.
    project.up()
    outputs = project.outputs()
    assert (outputs["topic"], outputs["source"], outputs["sink"]) == (f"{language}-lines", "running", "running")
    assert outputs["tasks"] == [{"id": 0, "state": "running"}]
    assert outputs["found"] == "RUNNING"
    arrived = files / "output.txt"
    wait_until(lambda: arrived.exists() and f"from {language}\n" in arrived.read_text(), "no line", seconds=60)
    project.run("preview", "--expect-no-changes")
    # The secret is in the worker and, encrypted, in the state. The connector has the name of its resource.
    assert client.config("numbers")["db.password"] == PASSWORD
    assert PASSWORD not in str(project.state())
    # A change of a key.
    project.set({"rate": "6"})
    assert "[diff: ~config]" in project.up().output
    assert client.config("numbers")["rate"] == "6"
    # A task that fails is one error message, and the change is undone.
    project.set({"folder": str(files / "missing")})
    (error,) = project.up(check=False).errors
    assert re.match(r"connector lines-sink: task 0 failed on 127\.0\.0\.1:\d+: .*missing/output\.txt", error)
    assert client.config("lines-sink")["file"] == str(arrived)
    # Import, and destroy with what was imported.
    imported = names("imported")
    client.create(imported, {"connector.class": "testing.FaultySource", "tasks.max": "1", "rate": "5"})
    options = ("--yes", "--skip-preview", "--generate-code=false", "--protect=false")
    project.run("import", "kafka-connectors:index:Connector", "imported", imported, *options)
    assert project.resource("imported")["outputs"]["config"]["rate"] == "5"
    project.destroy()
    assert not [each for each in ("numbers", imported, "lines-source", "lines-sink") if exists(client, each)]


def files_in(folder: Path) -> dict[str, str]:
    """The text of the files in the folder, without what builds and programs leave there."""
    left = {"bin", "node_modules", "package-lock.json", "build", "__pycache__"}
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {
        str(path): (folder / path).read_text()
        for path in sorted(paths)
        if not left & set(path.parts) and ".egg-info" not in str(path)
    }


def test_the_sdks_are_what_the_schema_gives(tmp_path: Path) -> None:
    sdks.generate(tmp_path)
    expected, present = files_in(tmp_path), files_in(sdks.FOLDER)
    different = [name for name in expected.keys() | present.keys() if expected.get(name) != present.get(name)]
    assert not different, "run `make sdks`"
