"""`pulumi-kafka-connectors drift` on a stack of the real engine, and the recipe for a scheduled job."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from pulumi_kafka_connectors.connect.states import State
from sandbox.cluster import Broker, Sandbox, Worker
from sandbox.versions import KAFKA_VERSION
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of, has_failed_task, start_workers
from tests.support.engine import Project, both_front_ends, connector_program
from tests.support.names import Names
from tests.support.pages import DOCS
from tests.support.waiting import wait_until
from tests.support.worker import fake_worker

pytestmark = both_front_ends
NONE, CANNOT_RUN, DRIFT = 0, 1, 2


@pytest.fixture(scope="module")
def worker(box: Sandbox, broker: Broker, connectors: Path) -> Worker:
    """A worker of its own group, which has the connectors of one test at a time."""
    return start_workers(box, broker, connectors, "drift", KAFKA_VERSION, 1)[0]


def run(project: Project, command: str) -> tuple[int, str]:
    """Exit code and output of a command in the project's folder."""
    result = subprocess.run(
        shlex.split(command), cwd=project.folder, env=project.environment, capture_output=True, text=True, check=False
    )
    output = result.stdout + result.stderr
    assert not re.search("hunter2|pl4nted|Traceback", output)
    return result.returncode, output


def drift(project: Project, *options: str) -> tuple[int, list[str]]:
    code, output = run(project, shlex.join(["pulumi-kafka-connectors", "drift", *options]))
    return code, output.splitlines()


def test_every_difference_is_named_and_gone_after_an_up(worker: Worker, project_at: MakeProject, names: Names) -> None:
    client, project = client_of(worker), project_at(worker.url)
    changed, paused, gone, failed, free = (names(kind) for kind in ("changed", "paused", "gone", "failed", "free"))
    program = (
        connector_program(changed, {"pin": "pl4nted", "db.password": "hunter2"}, resource="changed")
        + connector_program(paused, resource="paused", state="running")
        + connector_program(gone, resource="gone")
        + connector_program(failed, resource="failed")
        + connector_program(free, resource="free")
    )
    project.up(program)
    assert drift(project) == (NONE, ["5 connectors compared, 0 with differences"])

    client.put_config(changed, {**client.config(changed), "pin": "pl4nted too", "rate": "7", "odd.key": "x"})
    client.pause(paused)
    client.pause(free)
    client.delete(gone)
    client.put_config(failed, {**client.config(failed), "fail.at": "task"})
    extra = names("extra")
    client.create(extra, {"connector.class": "testing.FaultySource", "rate": "1"})
    wait_until(lambda: client.status(paused).connector.state is State.PAUSED)
    wait_until(lambda: has_failed_task(client, failed))

    code, lines = drift(project, "--unmanaged")
    assert code == DRIFT
    told = [line for line in lines if any(f" {name}" in line for name in (changed, paused, gone, failed, free, extra))]
    assert told[:-2] == [
        f'connector {changed}: config["odd.key"] was added; config.pin, config.rate were changed',
        f'connector {failed}: config["fail.at"] was added',
        told[2],
        f"connector {gone} does not exist",
    ]
    assert re.match(rf"connector {failed}: task 0 failed on 127\.0\.0\.1:\d+: .*told to fail", told[2])
    assert told[-2:] == [
        f"connector {paused}: state was changed",
        f"connector {extra} is declared by no resource of the stack",
    ]
    assert lines[-1] == "5 connectors compared, 4 with differences"
    code, lines = drift(project, "--json", "--stack", "test", "--url", worker.url)
    assert (code, len(json.loads("\n".join(lines))["connectors"])) == (DRIFT, 4)

    project.up(None, "--refresh")
    assert drift(project) == (NONE, ["5 connectors compared, 0 with differences"])
    client.delete(extra)
    project.destroy()


def test_connectors_of_two_clusters_are_compared_with_their_own(
    worker: Worker, project_at: MakeProject, names: Names
) -> None:
    project, name = project_at(worker.url), names("it")
    with fake_worker() as other:
        project.up(
            f"other = kc.Provider('other', url={other.url!r})\n"
            + connector_program(name, resource="here")
            + connector_program(name, resource="there", opts="provider=other")
        )
        other.connectors[name]["config"]["rate"] = "7"
        assert drift(project) == (NONE, ["1 connector compared, 0 with differences, 1 of other clusters left out"])
        code, lines = drift(project, "--url", other.url)
        assert (code, lines[0]) == (DRIFT, f"connector {name}: config.rate was changed")
        project.destroy()


def recipe() -> list[str]:
    """The commands for a scheduled job, as documented."""
    section = (DOCS / "operating.md").read_text().split("## Drift\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    commands: list[str] = block.splitlines()
    return commands


def test_the_recipe_for_a_scheduled_job(worker: Worker, project_at: MakeProject, names: Names) -> None:
    client, project, name = client_of(worker), project_at(worker.url), names("it")
    project.up(connector_program(name))
    commands = recipe()
    assert len(commands) == 2
    for command in commands:
        assert run(project, command)[0] == 0, command
    client.put_config(name, {**client.config(name), "rate": "7"})
    assert [run(project, command)[0] == 0 for command in commands] == [False, False]
    # Neither reverted the change, nor took it into the state.
    assert client.config(name)["rate"] == "7"
    assert run(project, commands[0])[0] == DRIFT
    project.refresh()
    assert [run(project, command)[0] == 0 for command in commands] == [True, False]
    project.destroy()


def test_without_its_passphrase_it_cannot_run(worker: Worker, project_at: MakeProject, names: Names) -> None:
    project = project_at(worker.url)
    project.up(connector_program(names("it"), {"db.password": "hunter2"}))
    project.environment["PULUMI_CONFIG_PASSPHRASE"] = "wrong"
    code, lines = drift(project, "--url", worker.url)
    assert code == CANNOT_RUN
    assert "`pulumi stack export` failed: " in lines[0]
    project.environment["PULUMI_CONFIG_PASSPHRASE"] = "sandbox"
    project.destroy()
