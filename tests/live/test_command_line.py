"""The console command against real workers of every supported generation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.connect import Client, NoStatus, State
from sandbox.cluster import Worker
from tests.support.clusters import client_of
from tests.support.endpoints import wait_for_task
from tests.support.names import Names, faulty
from tests.support.waiting import wait_until

Captured = pytest.CaptureFixture[str]
CAUSE = "org.apache.kafka.connect.errors.ConnectException: a file told to fail: "


@pytest.fixture(params=["single", "kafka_3", "kafka_2"])
def worker(request: pytest.FixtureRequest) -> Worker:
    """One worker of each generation."""
    found: Worker = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(worker: Worker) -> Client:
    return client_of(worker)


def state_of(client: Client, name: str) -> State | None:
    """The state of its first task; None without a task."""
    try:
        tasks = client.status(name).tasks
    except NoStatus:
        return None
    return tasks[0].state if tasks else None


def fails(client: Client, name: str, switch: Path) -> None:
    """Create a connector whose task fails while the file `switch` exists, and wait until it has failed."""
    switch.touch()
    client.create(name, faulty(fail_file=str(switch)))
    wait_until(lambda: state_of(client, name) is State.FAILED, "its task has not failed")


def test_the_status_of_a_failed_task_names_its_root_cause(
    worker: Worker, client: Client, names: Names, tmp_path: Path, capsys: Captured
) -> None:
    name = names("status")
    fails(client, name, tmp_path / "switch")
    assert main(["status", name, "--url", worker.url]) == 1
    shown = capsys.readouterr().out
    assert "FAILED" in shown
    assert CAUSE in shown
    assert main(["status", name, "--url", worker.url, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["connectors"][0]
    assert (told["status"], told["tasks"][0]["state"], told["connector"]["state"]) == ("failed", "failed", "running")
    assert CAUSE in told["tasks"][0]["cause"]
    assert main(["status", name, "--url", worker.url, "--prometheus"]) == 1
    assert f'kafka_connect_task_state{{connector="{name}",type="source",task="0",state="failed"}} 1\n' in (
        capsys.readouterr().out
    )
    client.delete(name)


def test_a_failed_task_is_restarted_until_it_runs(
    worker: Worker, client: Client, names: Names, tmp_path: Path, capsys: Captured
) -> None:
    name, paused, switch = names("restart"), names("paused"), tmp_path / "switch"
    fails(client, name, switch)
    client.create(paused, faulty())
    wait_for_task(client, paused)
    client.pause(paused)
    assert main(["restart", "--failed", name, paused, "--url", worker.url, "--max-restarts", "1"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert [line.split(": ", 1)[0] for line in shown] == [name, name]
    assert "failed again: task 0 failed" in shown[1]
    assert CAUSE in shown[1]
    switch.unlink()
    assert main(["restart", "--failed", name, paused, "--url", worker.url, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["connectors"]
    assert (told["name"], told["outcome"], told["restarts"]) == (name, "running", 1)
    assert state_of(client, name) is State.RUNNING
    assert client.status(paused).connector.state is State.PAUSED
    for each in (name, paused):
        client.delete(each)


def test_whole_connectors_are_restarted_by_name(worker: Worker, client: Client, names: Names, capsys: Captured) -> None:
    name = names("whole")
    client.create(name, faulty())
    wait_for_task(client, name)
    assert main(["restart", name, "--url", worker.url]) == 0
    assert capsys.readouterr().out == f"{name}: restarting\n{name}: running\n"
    client.delete(name)


def test_a_level_is_set_and_read(worker: Worker, names: Names, capsys: Captured) -> None:
    name = names("org.example.logger").replace("-", ".")
    assert main(["loggers", name, "debug", "--url", worker.url]) == 0
    assert f"{name} is set to DEBUG on " in capsys.readouterr().out
    wait_until(lambda: main(["loggers", name, "--url", worker.url]) == 0, "the level is there")
    assert f"{name}  DEBUG\n" in capsys.readouterr().out
    assert main(["loggers", "--url", worker.url]) == 0
    assert f"{name}  " in capsys.readouterr().out
    assert main(["loggers", name, "loud", "--url", worker.url]) == 1
    assert "invalid log level" in capsys.readouterr().err.lower()


def test_a_level_is_set_on_every_worker_of_a_group_through_one(trio: list[Worker], names: Names, capsys: Captured) -> None:
    name = names("org.example.logger").replace("-", ".")
    assert main(["loggers", name, "TRACE", "--url", trio[0].url]) == 0
    assert capsys.readouterr().out == f"{name} is set to TRACE on every worker of the cluster\n"

    def everywhere() -> bool:
        code = main(["loggers", name, "--url", ",".join(each.url for each in trio)])
        return code == 0 and capsys.readouterr().out == f"LOGGER{' ' * (len(name) - 6)}  LEVEL\n{name}  TRACE\n"

    wait_until(everywhere, "not every worker has the level")
