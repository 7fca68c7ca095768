"""The console command in the folder of a Pulumi project, with the real `pulumi`."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import MakeProject
from tests.support.engine import Project
from tests.support.names import faulty
from tests.support.worker import FakeWorker, fake_worker

COMMAND = Path(sys.executable).parent / "pulumi-kafka-connectors"


@pytest.fixture
def worker() -> Iterator[FakeWorker]:
    with fake_worker() as worker:
        worker.connectors["orders"] = {"config": {**faulty(), "name": "orders"}, "state": "RUNNING"}
        yield worker


@pytest.fixture
def project(worker: FakeWorker, project_at: MakeProject) -> Project:
    """A project whose selected stack says where the worker is, and how to log in."""
    made = project_at(worker.url)
    made.run("config", "set", "kafka-connectors:username", "deployer")
    made.run("config", "set", "--secret", "kafka-connectors:password", "hunter2")
    return made


def command(project: Project, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [COMMAND, *arguments],
        cwd=project.folder,
        env={**project.environment, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "hunter2" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result


def test_the_selected_stack_says_where_the_workers_are_and_how_to_log_in(project: Project, worker: FakeWorker) -> None:
    result = command(project, "status")
    assert (result.returncode, result.stderr) == (0, "")
    assert "orders" in result.stdout
    login = "Basic " + base64.b64encode(b"deployer:hunter2").decode()
    assert {request.headers.get("Authorization") for request in worker.requests} == {login}


def test_without_a_selected_stack_one_can_be_named(project: Project) -> None:
    project.run("stack", "unselect")
    result = command(project, "status")
    assert result.returncode == 2
    assert result.stderr == (
        "pulumi-kafka-connectors: `pulumi config` failed: no stack is selected: run `pulumi stack select`, or give "
        "--stack NAME or --url\n"
    )
    assert command(project, "status", "--stack", "test").returncode == 0


def test_what_pulumi_refuses_is_told(project: Project) -> None:
    assert "no stack named 'nope' found" in command(project, "status", "--stack", "nope").stderr
    wrong = command(project, "status", PULUMI_CONFIG_PASSPHRASE="wrong")
    assert (wrong.returncode, wrong.stderr) == (2, "pulumi-kafka-connectors: `pulumi config` failed: incorrect passphrase\n")


def test_an_address_in_the_environment_needs_no_stack(project: Project, worker: FakeWorker) -> None:
    project.run("stack", "unselect")
    assert command(project, "status", KAFKA_CONNECT_URL=worker.url).returncode == 0
    assert "Authorization" not in worker.requests[-1].headers
