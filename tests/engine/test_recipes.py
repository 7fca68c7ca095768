"""The recipes in docs/recipes.md, with the code of the page, the real engine and real workers."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from pulumi_kafka_connectors import installation
from sandbox.cluster import Broker, Worker
from tests.engine.conftest import MakeProject
from tests.support import pages
from tests.support.clusters import client_of, exists
from tests.support.engine import Project, both_front_ends
from tests.support.names import Names
from tests.support.waiting import wait_until
from tests.support.walkthrough import fill_in, follow

PAGE = (pages.DOCS / "recipes.md").read_text()
CONVERTER = "org.apache.kafka.connect.storage.StringConverter"
TEXT = {"key.converter": CONVERTER, "value.converter": CONVERTER}
FILE = "org.apache.kafka.connect.file.FileStream"


def code(heading: str) -> list[str]:
    """The Python code of a recipe."""
    return pages.blocks(pages.section(PAGE, heading), "python")


def source(file: Path, topic: str) -> dict[str, str]:
    return {"connector.class": f"{FILE}SourceConnector", "file": str(file), "topic": topic, **TEXT}


def sink(file: Path | str, topic: str) -> dict[str, str]:
    return {"connector.class": f"{FILE}SinkConnector", "file": str(file), "topics": topic, **TEXT}


def append(file: Path, line: str) -> None:
    with file.open("a") as opened:
        opened.write(f"{line}\n")


def records(broker: Broker, topic: str) -> list[str]:
    """The values of all records of a topic with one partition."""
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": f"all-of-{topic}"})
    try:
        partition = TopicPartition(topic, 0, 0)
        consumer.assign([partition])
        _, end = consumer.get_watermark_offsets(partition, timeout=20)
        messages = [message for message in consumer.consume(end, timeout=20) if message.error() is None]
        return [(message.value() or b"").decode() for message in messages]
    finally:
        consumer.close()


@pytest.mark.parametrize("fixture", ["single", "kafka_3"])
def test_renamed_connectors_neither_lose_nor_repeat_a_record(
    fixture: str, request: pytest.FixtureRequest, project_at: MakeProject, broker: Broker, names: Names, tmp_path: Path
) -> None:
    worker: Worker = request.getfixturevalue(fixture)
    topic, written, copied = names("renamed"), tmp_path / "input.txt", tmp_path / "output.txt"
    old, new = names("old"), names("new")
    project, client = project_at(worker.url), client_of(worker)
    configs = {"source": source(written, topic), "sink": sink(copied, topic)}

    def up(program: str) -> None:
        """Run it for both connectors, under their own names."""
        texts = [
            f"config = {config!r}\n{program.replace('orders', f'{old}-{kind}').replace('payments', f'{new}-{kind}')}"
            for kind, config in configs.items()
        ]
        project.up("".join(texts))

    first, second, third = code("Rename a connector")
    up('kc.Connector("orders", name="orders-sink", config=config)\n')
    expected = ["one", "two", "three"]
    for line in expected:
        append(written, line)
    wait_until(lambda: copied.exists() and copied.read_text().split() == expected, "no lines", seconds=60)
    up(first)
    for line in ("four", "five"):
        append(written, line)
        expected.append(line)
    up(second)
    wait_until(lambda: copied.read_text().split() == expected, "the new name did not go on", seconds=60)
    up(third)
    assert not [kind for kind in configs if exists(client, f"{old}-{kind}-sink")]
    append(written, "six")
    expected.append("six")
    wait_until(lambda: copied.read_text().split() == expected, "no line after the rename", seconds=60)
    assert records(broker, topic) == expected
    project.run("preview", "--expect-no-changes")
    project.destroy()


@both_front_ends
def test_a_changed_secret_file_restarts_the_connector(
    single: Worker, project_at: MakeProject, names: Names, tmp_path: Path
) -> None:
    topic, written, name = names("rotated"), tmp_path / "input.txt", names("orders-sink")
    first, second, secret = tmp_path / "first.txt", tmp_path / "second.txt", tmp_path / "orders.properties"
    secret.write_text(f"password={first}\n")
    (block,) = code("Restart when an outside secret changes")
    # What stands in the file is the value of another key here, one whose effect can be seen.
    block = block.replace("/run/secrets/orders.properties", str(secret)).replace("connection.password", "file")
    program = f"config = {sink('', topic)!r}\n{block.replace('orders-sink', name)}"
    program += f"kc.Connector({names('lines')!r}, config={source(written, topic)!r})\n"
    project = project_at(single.url)
    project.up(program)
    append(written, "before")
    wait_until(lambda: first.exists() and first.read_text() == "before\n", "no line", seconds=60)
    project.run("preview", "--expect-no-changes")
    assert hashlib.sha256(secret.read_bytes()).hexdigest() in str(project.resource(name))
    assert hashlib.sha256(secret.read_bytes()).hexdigest() not in str(project.state())
    secret.write_text(f"password={second}\n")
    assert project.steps()[name]["op"] == "update"
    project.up()
    append(written, "after")
    wait_until(lambda: second.exists() and second.read_text() == "after\n", "the file was not read again", seconds=60)
    assert first.read_text() == "before\n"
    project.destroy()


@both_front_ends
def test_the_automation_api_deploys_and_destroys(
    front_end: str, single: Worker, project_at: MakeProject, names: Names, tmp_path: Path
) -> None:
    project, client, name = project_at(single.url), client_of(single), names("lines")
    (tmp_path / "lines.txt").touch()
    (deploy,) = code("Automation API")
    deploy = (
        fill_in(deploy, single.url).replace("/tmp/lines.txt", str(tmp_path / "lines.txt")).replace('"lines"', repr(name))
    )
    if front_end == "plugin":
        deploy = deploy.replace("import pulumi_kafka_connectors as kc", "import pulumi_kafka_connectors.native as kc")

    def run(text: str) -> str:
        (tmp_path / "deploy.py").write_text(text)
        result = subprocess.run(
            [sys.executable, "deploy.py"],
            cwd=tmp_path,
            env=project.environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    assert run(deploy) == "running\n"
    assert client.status(name).connector.state == "RUNNING"
    before, _, _ = deploy.partition("print(stack.up()")
    failing = before.replace("FileStreamSourceConnector", "Missing")
    caught = "try:\n    stack.up()\nexcept automation.CommandError as error:\n    print(error)\n"
    assert "Missing is not installed" in run(failing + caught)
    run(before + "stack.destroy()\n")
    assert not exists(client, name)


def install_launcher(project: Project) -> None:
    """Install a plugin that starts policy packs of the runtime `sandbox`.

    The Python host that the sandbox builds is too old to start them, and the engine uses such a plugin for a runtime
    without a host.
    """
    folder = installation.plugins_folder(project.environment) / "analyzer-policy-sandbox-v1.0.0"
    folder.mkdir(parents=True)
    program = folder / "pulumi-analyzer-policy-sandbox"
    program.write_text('#!/bin/sh\nexec venv/bin/python -u . "$1"\n')
    program.chmod(0o755)


@pytest.fixture(scope="module")
def policy_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the policy pack, installed as its page says."""
    folder = tmp_path_factory.mktemp("beside") / "policy_pack"
    shutil.copytree(pages.ROOT / "examples" / "policy_pack", folder)
    install, _ = pages.blocks((folder / "README.md").read_text(), "sh")
    follow(install, folder, os.environ)
    settings = folder / "PulumiPolicy.yaml"
    settings.write_text(settings.read_text().replace("name: python", "name: sandbox"))
    return folder


PROGRAM = """
kc.Connector(
    "copies",
    validate="off",
    config={
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "topics": "orders",
        "connection.password": "%s",
        "%s": "failed-orders",
    },
)
kc.Connector("lines", validate="off", config={"connector.class": "FileStreamSource", "topic": "lines"})
"""
REFERENCE, DEAD_LETTERS = "${file:/run/secrets/db.properties:password}", "errors.deadletterqueue.topic.name"


def preview_with_the_pack(project: Project, password: str, key: str) -> tuple[int, str]:
    """Exit code and output of the recipe's preview of a sink with this password and a further key."""
    project.program(PROGRAM % (password, key))
    (command,) = pages.blocks(pages.section(PAGE, "Policy pack"), "sh")
    result = project.run(*command.split()[1:], check=False)
    return result.code, result.output


@both_front_ends
def test_the_policy_pack_reads_the_configuration(single: Worker, project_at: MakeProject, policy_pack: Path) -> None:
    project = project_at(single.url)
    (project.folder.parent / policy_pack.name).symlink_to(policy_pack)
    install_launcher(project)
    code, output = preview_with_the_pack(project, REFERENCE, DEAD_LETTERS)
    assert code == 0, output
    assert "kafka-connect@v1.0.0" in output
    code, output = preview_with_the_pack(project, "pl4nted", DEAD_LETTERS)
    assert code != 0
    assert "config['connection.password'] is not a reference to a config provider of the workers" in output
    assert "dead-letter-queue" not in output
    assert "pl4nted" not in output
    code, output = preview_with_the_pack(project, REFERENCE, "errors.tolerance")
    assert code != 0
    assert f"config['{DEAD_LETTERS}'] is not set" in output
    assert "password-references" not in output
