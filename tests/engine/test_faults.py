"""Failures of workers, broker and engine, with three real workers and the real engine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import Client, ConnectError, NotFound
from sandbox import versions
from sandbox.cluster import Broker, Sandbox, Worker, start_all
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of, followers_first, start_workers
from tests.support.engine import Project, both_front_ends
from tests.support.gateway import Disconnect, Gateway, gateway_to
from tests.support.names import Names
from tests.support.waiting import wait_until

pytestmark = both_front_ends

BASE = {"connector.class": "testing.FaultySource", "tasks.max": 1, "rate": 1}


@pytest.fixture(scope="module")
def killed_workers(box: Sandbox, broker: Broker, connectors: Path) -> Iterator[list[Worker]]:
    """Three workers in a separate group, which the tests kill."""
    workers = start_workers(box, broker, connectors, "killed", versions.KAFKA_VERSION, 3)
    yield workers
    for worker in workers:
        worker.process.stop(0)


@pytest.fixture
def workers(killed_workers: list[Worker]) -> Iterator[list[Worker]]:
    """The three workers, all running before and after each test."""
    yield killed_workers
    start_all(killed_workers)


def program(name: str, count: int = 1, **config: Any) -> str:
    source = {**BASE, **{key.replace("_", "."): value for key, value in config.items()}}
    return (
        f"for n in range({count}):\n    kc.Connector(f'it{{n}}', name=f'{name}-{{n}}', config={source!r}, validate=False)\n"
    )


def running(client: Client, prefix: str) -> dict[str, str]:
    """The states of the connectors with this prefix, by name."""
    found = client.expanded(status=True)
    return {name: entry.status.connector.state for name, entry in found.items() if name.startswith(prefix) and entry.status}


@contextlib.contextmanager
def behind_gateway(workers: list[Worker], project_at: MakeProject) -> Iterator[tuple[Gateway, Project, Client]]:
    """A project whose first worker is behind a gateway that can close connections."""
    first, *others = workers
    with gateway_to(first.url) as gateway:
        project = project_at(",".join([gateway.url, *(worker.url for worker in others)]))
        yield gateway, project, client_of(*workers)


# A worker is killed during a request


def kill(worker: Worker) -> Callable[[], None]:
    return lambda: worker.process.stop(0)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_worker_is_killed_during_create(workers: list[Worker], project_at: MakeProject, names: Names, when: str) -> None:
    name = names("kill")
    with behind_gateway(workers, project_at) as (gateway, project, client):
        gateway.disconnects = [Disconnect("POST /connectors", when, then=kill(workers[0]))]
        if when == "before":
            workers[0].process.stop(0)
        project.up(program(name))
        assert running(client, name) == {f"{name}-0": "RUNNING"}
        start_all(workers)
        project.destroy()
        assert running(client, name) == {}


@pytest.mark.parametrize(
    ("match", "operation"),
    [
        ("GET .*/status", "create"),
        ("PUT .*/config", "update"),
        ("GET .*/status", "update"),
        ("GET /connectors", "refresh"),
        ("DELETE .*", "destroy"),
    ],
)
def test_the_worker_is_killed_during_any_other_step(
    workers: list[Worker], project_at: MakeProject, names: Names, match: str, operation: str
) -> None:
    name = names("kill")
    with behind_gateway(workers, project_at) as (gateway, project, client):
        disconnect = Disconnect(match, "after", then=kill(workers[0]))
        if operation == "create":
            gateway.disconnects = [disconnect]
        project.up(program(name))
        gateway.disconnects = [disconnect] if operation != "create" else []
        if operation == "update":
            project.up(program(name, topic="new"))
            assert client.config(f"{name}-0")["topic"] == "new"
        if operation == "refresh":
            project.refresh("--expect-no-changes")
        assert running(client, name) == {f"{name}-0": "RUNNING"}
        project.destroy()
        assert running(client, name) == {}
        assert disconnect.times == 0, "the fault did not happen"


# Lost responses


@pytest.mark.parametrize("when", ["before", "after", "half"])
def test_lost_responses_cause_no_duplicate_and_no_orphan(
    single: Worker, project_at: MakeProject, names: Names, when: str
) -> None:
    name, client = names("lost"), client_of(single)
    with gateway_to(single.url) as gateway:
        project = project_at(gateway.url)
        gateway.disconnects = [Disconnect("POST /connectors", when)]
        project.up(program(name))
        gateway.disconnects = [
            Disconnect("PUT .*/config", when),
            Disconnect("GET .*/status", when),
            Disconnect("GET .*/tasks", when),
        ]
        project.up(program(name, topic="new"))
        assert client.config(f"{name}-0")["topic"] == "new"
        gateway.disconnects = [Disconnect("GET /connectors", when)]
        project.refresh("--expect-no-changes")
        gateway.disconnects = [Disconnect("DELETE .*", when), Disconnect("GET .*/status", when)]
        project.destroy()
        assert name + "-0" not in client.connectors()
        assert gateway.requests.count("POST /connectors") == (2 if when == "before" else 1)
        assert not [one for one in gateway.disconnects if one.times], "a fault did not happen"


# The cluster


def test_the_leader_is_dead_but_still_a_member_of_the_group(
    workers: list[Worker], project_at: MakeProject, names: Names
) -> None:
    name = names("leader")
    *followers, leader = followers_first(workers)
    project = project_at(",".join(worker.url for worker in followers))
    leader.process.stop(0)
    project.up(program(name, 3))
    assert running(client_of(*followers), name) == {f"{name}-{n}": "RUNNING" for n in range(3)}
    project.up(program(name, 3, topic="new"))
    project.destroy()
    assert running(client_of(*followers), name) == {}


def test_fifty_connectors_are_created_updated_and_deleted_during_constant_rebalances(
    workers: list[Worker], project_at: MakeProject, names: Names
) -> None:
    name, stop = names("rebalances"), threading.Event()

    def cause_rebalances() -> None:
        while not stop.wait(5):
            workers[2].process.stop(0)
            workers[2].start()

    project = project_at(",".join(worker.url for worker in workers))
    thread = threading.Thread(target=cause_rebalances)
    thread.start()
    try:
        project.up(program(name, 50))
        project.up(program(name, 50, topic="new"))
        client = client_of(*workers[:2])
        topics = {
            key: entry.info.config["topic"]
            for key, entry in client.expanded(info=True).items()
            if key.startswith(name) and entry.info
        }
        assert topics == {f"{name}-{n}": "new" for n in range(50)}
        project.destroy()
    finally:
        stop.set()
        thread.join()
    assert running(client_of(*workers[:2]), name) == {}


def test_the_broker_stops_for_twenty_seconds(
    workers: list[Worker], broker: Broker, box: Sandbox, project_at: MakeProject, names: Names
) -> None:
    name = names("broker")
    project = project_at(",".join(worker.url for worker in workers))
    project.up(program(name, 2))
    box.freeze(broker.process)
    thaw = threading.Timer(20, box.thaw, [broker.process])
    thaw.start()
    try:
        project.up(program(name, 4, topic="new"))
    finally:
        thaw.join()
        box.thaw(broker.process)
    client = client_of(*workers)
    assert [client.config(f"{name}-{n}")["topic"] for n in range(4)] == ["new"] * 4
    project.destroy()
    assert running(client, name) == {}


def test_all_workers_down_is_one_error_message_and_the_next_up_converges(
    workers: list[Worker], project_at: MakeProject, names: Names
) -> None:
    name = names("down")
    urls = [worker.url for worker in workers]
    project = project_at(",".join(urls))
    project.up(program(name))
    before = project.resource("it0")["outputs"]
    project.run("config", "set", "kafka-connectors:retry", "3")
    for worker in workers:
        worker.process.stop(0)
    for result in (project.up(program(name, topic="new"), check=False), project.refresh(check=False)):
        assert result.code != 0
        assert len(result.errors) == 1
        pattern = rf"{project.error}none of the workers (.*) can be reached; the last error: http://127.* \(retried for "
        found = re.match(pattern, result.errors[0])
        assert found, result.errors[0]
        assert found[1].split(", ") == urls
    assert project.resource("it0")["outputs"] == before
    project.run("config", "rm", "kafka-connectors:retry")
    start_all(workers)
    project.up()
    assert client_of(*workers).config(f"{name}-0")["topic"] == "new"
    project.destroy()


def test_no_connector_is_reported_as_deleted_while_a_worker_starts_or_stops(
    box: Sandbox, broker: Broker, connectors: Path, project_at: MakeProject, names: Names
) -> None:
    name, (lone,) = names("restart"), start_workers(box, broker, connectors, "lone", versions.KAFKA_VERSION, 1)
    try:
        project = project_at(lone.url)
        project.run("config", "set", "kafka-connectors:retry", "30")
        project.up(program(name, 2))
        for _ in range(2):
            lone.process.stop()
            lone.launch()
            # The worker refuses connections, then responds with 404 to every path, then serves requests.
            project.refresh("--expect-no-changes")
            assert project.resource("it0")["outputs"]["name"] == f"{name}-0"
        lone.process.signal(signal.SIGTERM)
        result = project.refresh(check=False)
        assert result.errors[0].startswith(f"{project.error}{lone.url}: connection refused")
        assert project.resource("it1")["outputs"]["name"] == f"{name}-1"
    finally:
        lone.start()
        project.destroy()
        lone.process.stop(0)


# The engine


def start(project: Project, *arguments: str) -> subprocess.Popen[str]:
    command = ["pulumi", *arguments, "--yes", "--skip-preview", "--non-interactive"]
    return subprocess.Popen(
        command,
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill_plugins(project: Project) -> None:
    """Kill the plugin processes that a killed engine has left behind."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == project.folder and b"pulumi" in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def test_the_engine_is_killed_during_up(single: Worker, project_at: MakeProject, names: Names) -> None:
    name, client, project = names("engine"), client_of(single), project_at(single.url)
    project.program(program(name, 6, task_ms=2000))
    engine = start(project, "up")
    wait_until(lambda: len([other for other in client.connectors() if other.startswith(name)]) >= 3, seconds=60)
    engine.kill()
    engine.wait()
    kill_plugins(project)
    engine.communicate()
    project.run("cancel", "--yes")  # releases the lock of the killed run
    result = project.up(check=False)
    assert any("exists already with the same configuration" in error for error in result.errors)
    project.run("up", "--yes", "--skip-preview", env={"KAFKA_CONNECT_ADOPT": "same"})
    assert running(client, name) == {f"{name}-{n}": "RUNNING" for n in range(6)}
    project.run("preview", "--refresh", "--expect-no-changes")
    project.destroy()
    assert running(client, name) == {}


def test_ctrl_c_ends_within_the_timeout(single: Worker, project_at: MakeProject, names: Names) -> None:
    name, client, project = names("ctrl-c"), client_of(single), project_at(single.url)
    project.program(
        f"kc.Connector('it', name={name!r}, config={{**{BASE!r}, 'task.ms': 120000}}, validate=False, timeouts={{'create': 10}})"
    )
    engine = start(project, "up")
    wait_until(lambda: name in client.connectors(), seconds=30)
    engine.send_signal(signal.SIGINT)
    output, _ = engine.communicate(timeout=60)
    if project.front_end == "plugin":
        # The wait ends at once, and what there is by then is recorded.
        assert f"connector {name} is not ready, since the run was interrupted" in output
        assert project.resource("it")["initErrors"]
        project.destroy()
    else:
        # Ten seconds of waiting, and up to five in which the worker waits for the task to stop; the task would take two
        # minutes to start.
        assert f"connector {name} was deleted again" in output
    with pytest.raises(NotFound):
        client.config(name)


# Concurrent programs


def test_two_programs_with_the_same_connector(single: Worker, project_at: MakeProject, names: Names) -> None:
    name, client = names("two"), client_of(single)
    one, other = project_at(single.url), project_at(single.url)
    for project in (one, other):
        project.run("config", "set", "kafka-connectors:adopt", "same")
    one.program(program(name))
    other.program(program(name))
    runs = [start(project, "up") for project in (one, other)]
    outputs = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    one.program(program(name, topic="one"))
    other.program(program(name, topic="other"))
    runs = [start(project, "up") for project in (one, other)]
    outputs = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    winner = client.config(f"{name}-0")["topic"]
    loser = one if winner == "other" else other
    loser.refresh()
    assert list(loser.steps()["it0"]["detailedDiff"]) == ["config.topic"]
    one.destroy()
    other.destroy()
    assert running(client, name) == {}


def test_validation_takes_longer_than_the_timeout_of_the_worker(
    single: Worker, project_at: MakeProject, names: Names
) -> None:
    name, project = names("slow"), project_at(single.url)
    # The worker times out after 90 s, but still creates the connector a little later.
    project.up(program(name, validate_ms=93_000))
    client = client_of(single)
    assert running(client, name) == {f"{name}-0": "RUNNING"}
    with contextlib.suppress(ConnectError):
        client.delete(f"{name}-0")
    project.destroy()
