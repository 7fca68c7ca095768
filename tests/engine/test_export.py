"""Adopting a running cluster with the console command and the real engine: thirty different connectors."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import Client
from pulumi_kafka_connectors.connect.states import State
from sandbox.cluster import Broker, Sandbox, Worker
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of, has_failed_task
from tests.support.published import adapted
from tests.support.waiting import wait_until

IMPORT_FLAGS = ("--yes", "--generate-code=false", "--protect=false")
"""As documented; without the second flag the command fails, since the engine cannot generate code for dynamic resources."""
COMMAND = Path(sys.executable).parent / "pulumi-kafka-connectors"


def command(*arguments: str, code: int = 0, env: dict[str, str] | None = None) -> str:
    result = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, env=env)
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout + result.stderr


@pytest.fixture(scope="module")
def running(box: Sandbox, broker: Broker, connectors: Path) -> Worker:
    """A worker of its own group that logs every request."""
    options = ["-Dsandbox.requests=INFO"]
    worker = Worker(box.folder / "workers", broker, "running", plugin_path=[connectors], options=options)
    worker.start()
    return worker


@pytest.fixture(scope="module")
def client(running: Worker) -> Client:
    return client_of(running)


def writes(worker: Worker) -> list[str]:
    log = worker.process.log.read_text()
    return [line for line in re.findall(r'"((?:POST|PUT|PATCH|DELETE) \S+)', log) if not line.endswith("/validate")]


def values(config: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in config.items()}


def test_a_running_cluster_is_adopted_without_a_change(
    running: Worker, client: Client, project_at: MakeProject, tmp_path: Path
) -> None:
    for name, config in adapted(tmp_path).items():
        client.create(name, values(config))
    special = "orders: \"Ünïcode\" 'sink' $HOME"
    client.create(
        special, {"connector.class": "testing.FaultySource", "rate": "1", "pin": "it's hunter2 $X", "topic": 'a"b\\c\n'}
    )
    client.create("paused", {"connector.class": "testing.FaultySource", "rate": "1"}, State.PAUSED)
    client.create("stopped", {"connector.class": "testing.FaultySource", "rate": "1"}, State.STOPPED)
    client.create("broken", {"connector.class": "testing.FaultySource", "rate": "1", "fail.at": "task"})
    assert len(client.connectors()) > 30
    wait_until(lambda: client.expanded(status=True).keys() == set(client.connectors()))
    wait_until(lambda: has_failed_task(client, "broken"))
    before, written = {name: client.config(name) for name in client.connectors()}, len(writes(running))

    folder = tmp_path / "exported"
    output = command("export", "--url", running.url, "--output", str(folder), "--secrets")
    assert f"{len(before)} connectors in {folder}" in output
    assert "connector broken has failed: it is declared with wait=False" in output
    program = (folder / "__main__.py").read_text()
    assert not re.search("hunter2|dbz-p@ss|jaas-pass|registry-pass", program + (folder / "README.md").read_text())
    assert f"${{file:{tmp_path}/pg.properties:password}}" in program
    assert "pulumi config set --secret debezium-mysql.database.password" in (folder / "README.md").read_text()
    for private in ("secrets.sh", "import.json"):
        assert stat.S_IMODE((folder / private).stat().st_mode) == 0o600

    project = project_at(running.url)
    shutil.copy(folder / "__main__.py", project.folder)
    subprocess.run(["sh", folder / "secrets.sh"], cwd=project.folder, env=project.environment, check=True)
    project.run("up", "--yes", "--skip-preview")
    assert writes(running)[written:] == []
    project.run("preview", "--expect-no-changes")
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert {name: client.config(name) for name in client.connectors()} == before
    assert "hunter2" not in str(project.state())

    assert f"pulumi import --file import.json {' '.join(IMPORT_FLAGS)}" in (folder / "README.md").read_text()
    project.run("stack", "init", "imported")
    project.run("config", "set", "kafka-connectors:url", running.url)
    subprocess.run(["sh", folder / "secrets.sh"], cwd=project.folder, env=project.environment, check=True)
    project.run(
        "import",
        "--file",
        str(folder / "import.json"),
        *IMPORT_FLAGS,
    )
    assert "hunter2" not in str(project.state())
    project.run("preview", "--expect-no-changes")
    assert writes(running)[written:] == []


def test_status_shows_failed_tasks_with_their_cause(running: Worker, client: Client) -> None:
    config = {
        "connector.class": "testing.FaultySource",
        "rate": "1",
        "fail.at": "task",
        "fail.text": "no hunter2",
        "pin": "hunter2",
    }
    client.create("failed", config)
    wait_until(lambda: has_failed_task(client, "failed"))
    output = command("status", "--url", running.url, code=1)
    assert re.search(r"^failed +source +RUNNING", output, re.MULTILINE)
    assert re.search(r"^ +0 +FAILED", output, re.MULTILINE)
    assert "no [hidden]" in output
    assert "hunter2" not in command("status", "--trace", "failed", "--url", running.url, code=1)
    client.delete("failed")


def test_invalid_arguments_are_one_error_message(running: Worker, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert "is not empty" in command("export", "--url", running.url, "--output", str(tmp_path / "full"), code=2)
    assert "no worker is known" in command("status", code=2, env={})
    assert command("status", "nothing", "--url", running.url, code=1).count("not found") == 1
