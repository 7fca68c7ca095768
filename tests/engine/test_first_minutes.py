"""The commands of the README, of "Getting started" and of the quickstarts, run as they are written, in a clone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from pulumi_kafka_connectors import installation
from sandbox import engine, languages
from sandbox.cluster import Sandbox, Worker
from sandbox.languages import HostLanguage
from tests.support import checkout, pages
from tests.support.clusters import client_of, exists
from tests.support.waiting import wait_until
from tests.support.walkthrough import fill_in, follow

GITHUB = "https://github.com/pulumi-kafka-connectors/"
NAME = "pulumi-kafka-connectors"
STARTED = (pages.DOCS / "getting-started.md").read_text()
README = (pages.ROOT / "README.md").read_text()
PASSWORD = "pl4nted"
DESTROY = ". venv/bin/activate\npulumi destroy --stack dev\n"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a repository of the files of this checkout, committed or not."""
    folder = tmp_path_factory.mktemp("origin")
    repository = folder / NAME
    checkout.copy(repository)
    checkout.git(repository, "init", "--quiet")
    checkout.git(repository, "add", "--all")
    checkout.git(repository, "commit", "--quiet", "--message", "all")
    return folder


@pytest.fixture(scope="module")
def desk(origin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the reader begins."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def environment(origin: Path, box: Sandbox) -> dict[str, str]:
    """That of the reader: `git` finds the repository on this machine."""
    return {
        **engine.environment(box.folder / "first-minutes"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{origin}/.insteadOf",
        "GIT_CONFIG_VALUE_0": GITHUB,
    }


@pytest.fixture(scope="module")
def started(desk: Path, environment: dict[str, str], single: Worker) -> Iterator[str]:
    """The output of everything on the page "Getting started", in one shell."""
    first, *others = pages.blocks(STARTED, "sh")
    (project,), (program,) = pages.blocks(STARTED, "yaml"), pages.blocks(STARTED, "python")
    program = program.replace("/tmp/lines.txt", str(desk / "lines.txt"))
    (desk / "lines.txt").touch()
    files = "".join(
        f"cat > {name} <<'END'\n{text}END\n" for name, text in (("Pulumi.yaml", project), ("__main__.py", program))
    )
    script = fill_in("".join([first, files, *others]), single.url, {"kafka-connectors:password": PASSWORD})
    yield follow(script, desk, environment)
    follow(DESTROY, desk / "connectors", environment)


def test_getting_started_ends_with_a_running_connector_and_an_exported_project(
    started: str, desk: Path, environment: dict[str, str], single: Worker
) -> None:
    client = client_of(single)
    assert client.status("lines").connector.state == "RUNNING"
    assert 'status: "running"' in started
    assert '"lines"' in (desk / "connectors" / "connectors" / "__main__.py").read_text()
    follow(DESTROY, desk / "connectors", environment)
    assert not exists(client, "lines")


def test_the_commands_of_the_readme_for_a_cluster_configure_a_stack(
    started: str, desk: Path, environment: dict[str, str], single: Worker
) -> None:
    (script,) = pages.blocks(pages.section(README, "Use it with your cluster"), "sh")
    script = fill_in(script, single.url, {"kafka-connectors:password": PASSWORD})
    before = ". venv/bin/activate\npulumi stack init readme\n"
    after = f"{NAME} status --stack readme\npulumi stack rm --yes readme\n"
    output = follow(before + script + after, desk / "connectors", environment)
    assert re.search("^CONNECTOR +TYPE +TASK", output, re.MULTILINE)


def test_the_readme_begins_with_the_demo_and_the_tests() -> None:
    (block,) = pages.blocks(pages.section(README, "Try it"), "sh")
    commands = [line.partition("#")[0].strip() for line in block.splitlines()]
    assert commands == ["make demo", "make test"]  # the first is run by test_demo.py; the second runs this


@pytest.mark.parametrize(
    ("example", "module"), [("topics_and_connectors", "confluent_kafka"), ("pulumi_kafka", "pulumi_kafka")]
)
def test_what_an_example_installs(example: str, module: str, started: str, desk: Path, environment: dict[str, str]) -> None:
    folder = desk / NAME / "examples" / example
    activate = f". {desk}/connectors/venv/bin/activate\n"
    install = pages.blocks((folder / "README.md").read_text(), "sh")[0]
    assert install.startswith("pip install")
    follow(f"{activate}{install}python -c 'import {module}, pulumi_kafka_connectors'\n", folder, environment)


@pytest.mark.parametrize("example", ["quickstart", "quickstart-yaml", "quickstart-go", "quickstart-typescript"])
def test_a_quickstart(
    example: str, origin: Path, box: Sandbox, single: Worker, environment: dict[str, str], tmp_path: Path
) -> None:
    clone, files = tmp_path / NAME, tmp_path / "lines"
    files.mkdir()
    (files / "input.txt").write_text(f"from {example}\n")
    checkout.git(tmp_path, "clone", "--quiet", str(origin / NAME))
    hosts = {"quickstart-yaml": "yaml", "quickstart-go": "go", "quickstart-typescript": "nodejs"}
    if example in hosts:
        environment = languages.environment(box.folder / example, cast("HostLanguage", hosts[example]))
        installation.install(installation.plugins_folder(environment))
    folder = clone / "examples" / example
    script = "".join(pages.blocks((folder / "README.md").read_text(), "sh"))
    follow(fill_in(script, single.url, {"folder": str(files)}), folder, {**os.environ, **environment})
    arrived = files / "output.txt"
    wait_until(lambda: arrived.exists() and f"from {example}\n" in arrived.read_text(), "no line", seconds=60)
    follow("pulumi destroy\n", folder, environment)
