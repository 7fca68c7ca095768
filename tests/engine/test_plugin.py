"""What only the plugin can do, with the real engine and a real worker."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors import installation
from pulumi_kafka_connectors.connect import Client
from sandbox.cluster import Broker, Worker
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of, exists
from tests.support.engine import SOURCE, Project, connector_program
from tests.support.gateway import Disconnect, gateway_to
from tests.support.names import Names
from tests.support.waiting import wait_until

TYPE = "kafka-connectors:index:Connector"


@pytest.fixture
def front_end() -> str:
    return "plugin"


@pytest.fixture
def client(single: Worker) -> Client:
    return client_of(single)


@pytest.fixture
def project(single: Worker, project_at: MakeProject) -> Project:
    return project_at(single.url)


def start_up(project: Project) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def interrupt(running: subprocess.Popen[str]) -> str:
    """Press Ctrl-C once; the engine's own end takes some seconds more."""
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=30)
    assert running.returncode != 0, output
    return output


def seconds_of_operation(output: str, what: str) -> float:
    """How long the engine waited for an operation, from `it **creating failed** (3s)` or the line before."""
    found = re.findall(rf"{what} \((\d+)s\)", output)
    return float(found[-1]) if found else 0.0


# Import and get


def test_a_connector_is_imported_by_its_name(client: Client, project: Project, names: Names) -> None:
    name = names("imported")
    client.create(name, {**SOURCE, "tasks.max": "1", "rate": "5", "pin": "pl4nted-pin"})
    project.run("import", TYPE, "it", name, "--yes", "--skip-preview", "--generate-code=false", "--protect=false")
    assert project.resource("it")["id"] == name
    assert "pl4nted" not in json.dumps(project.state())
    project.up(connector_program(name, {"pin": "pl4nted-pin"}), "--expect-no-changes")
    result = project.run("import", TYPE, "none", f"{name}-not", "--yes", "--generate-code=false", check=False)
    assert f"connector {name}-not does not exist on http://127.0.0.1" in result.output
    project.destroy()


def test_a_connector_is_imported_by_the_program(client: Client, project: Project, names: Names) -> None:
    name = names("imported")
    client.create(name, {**SOURCE, "tasks.max": "1", "rate": "5"})
    assert project.steps(connector_program(name, opts=f"import_={name!r}"))["it"]["op"] == "import"
    project.up()
    project.up(connector_program(name), "--expect-no-changes")
    project.destroy()
    assert not exists(client, name)


# What is not healthy is recorded


def test_a_connector_that_is_not_healthy_is_recorded_with_its_problem_and_the_next_up_goes_on(
    client: Client, project: Project, names: Names
) -> None:
    name = names("kept")
    failing = {"fail.at": "task", "fail.text": "no such table"}
    result = project.up(connector_program(name, failing, rollback=False), check=False)
    assert len(result.errors) == 1
    assert result.errors[0].startswith(f"connector {name}: task 0 failed on 127.0.0.1:")
    assert result.errors[0].endswith("(caused by java.lang.IllegalStateException: no such table)")
    recorded = project.resource("it")
    assert recorded["outputs"]["status"] == "failed"
    assert recorded["initErrors"] == result.errors
    assert f"warning: connector {name}: task 0 failed" in project.refresh().output
    project.up(connector_program(name, rollback=False))
    assert client.task_status(name, 0).state == "RUNNING"
    assert "initErrors" not in project.resource("it")
    # A change that fails without being undone is recorded too.
    project.up(connector_program(name, failing, rollback=False), check=False)
    assert project.resource("it")["outputs"]["config"]["fail.at"] == "task"
    assert project.resource("it")["outputs"]["status"] == "failed"
    project.up(connector_program(name, rollback=False))
    project.up(None, "--expect-no-changes")
    project.destroy()


def test_ctrl_c_ends_the_wait_of_a_create_and_the_next_up_goes_on(client: Client, project: Project, names: Names) -> None:
    name = names("cut")
    project.program(connector_program(name, {"task.ms": 20_000}))
    running = start_up(project)
    wait_until(lambda: exists(client, name), seconds=60)
    time.sleep(2)
    began = time.monotonic()
    output = interrupt(running)
    assert time.monotonic() - began < 2 + ENGINE_SECONDS
    assert f"connector {name} is not ready, since the run was interrupted: 0 of 1 tasks running" in output
    assert project.resource("it")["initErrors"]
    assert exists(client, name)
    project.up()
    assert client.task_status(name, 0).state == "RUNNING"
    project.up(None, "--expect-no-changes")
    project.destroy()


ENGINE_SECONDS = 6
"""Seconds that the engine itself needs for the end of a run that was interrupted: it gives the program five."""


def test_ctrl_c_ends_the_wait_of_an_update_and_the_next_up_goes_on(client: Client, project: Project, names: Names) -> None:
    name = names("cut")
    project.up(connector_program(name))
    project.program(connector_program(name, {"rate": 6}, settle=60))
    running = start_up(project)
    wait_until(lambda: client.config(name).get("rate") == "6", seconds=60)
    time.sleep(2)
    began = time.monotonic()
    output = interrupt(running)
    assert time.monotonic() - began < 2 + ENGINE_SECONDS
    assert f"connector {name} is not ready, since the run was interrupted" in output
    assert project.resource("it")["outputs"]["config"]["rate"] == "6"
    project.up(connector_program(name, {"rate": 6}))
    project.up(None, "--expect-no-changes")
    project.destroy()


def test_what_a_killed_engine_was_creating_is_imported(client: Client, project: Project, names: Names) -> None:
    name = names("pending")
    project.program(connector_program(name, {"task.ms": 5000}))
    running = start_up(project)
    wait_until(lambda: exists(client, name), seconds=60)
    running.kill()
    running.communicate()
    project.run("cancel", "--yes")
    assert project.state()["deployment"]["pending_operations"][0]["type"] == "creating"
    project.refresh("--clear-pending-creates")
    project.run("import", TYPE, "it", name, "--yes", "--skip-preview", "--generate-code=false", "--protect=false")
    project.up()
    assert project.resource("it")["outputs"]["status"] == "running"
    project.up(None, "--expect-no-changes")
    project.destroy()


def test_the_numbers_of_a_topic_are_whole_in_the_program(project: Project, broker: Broker, names: Names) -> None:
    project.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)
    project.up(
        f"topic = kc.Topic('topic', name={names('whole')!r}, partitions=2, replication_factor=1)\n"
        "pulumi.export('text', pulumi.Output.concat(topic.partitions.apply(str)))\n"
    )
    assert project.outputs()["text"] == "2"
    project.destroy()


# Where and how it is told


def test_progress_stands_on_the_line_of_the_resource(project: Project, names: Names) -> None:
    name = names("slow")
    output = project.up(connector_program(name, {"task.ms": 6000})).output
    assert re.search(rf"{TYPE} it creating \(\d+s\) 0 of 1 tasks running", output)
    assert "Diagnostics" not in output
    project.destroy()


def test_a_warning_stands_at_its_resource_once(client: Client, project: Project, names: Names, tmp_path: Path) -> None:
    name, flag = names("warned"), tmp_path / "fail"
    project.up(connector_program(name, {"fail.file": str(flag)}))
    flag.touch()
    wait_until(lambda: client.task_status(name, 0).state == "FAILED")
    output = project.refresh().output
    diagnostics = output.partition("Diagnostics:")[2]
    assert re.search(rf"{TYPE} \(it\):\s+warning: connector {name}: task 0 failed on .* a file told to fail", diagnostics)
    assert diagnostics.count("warning:") == 1
    flag.unlink()
    project.destroy()


def test_a_bad_setting_is_one_error(project: Project, names: Names) -> None:
    project.run("config", "set", "kafka-connectors:timeout", "soon")
    program = "".join(connector_program(names("x"), resource=f"it{number}") for number in range(3))
    errors = project.preview_errors(program)
    assert len(errors) == 1
    assert errors[0].endswith("setting kafka-connectors:timeout: give seconds, or text such as 90s, 5m or 1h30m")


def test_the_custom_timeouts_of_the_engine_are_honoured(client: Client, project: Project, names: Names) -> None:
    name = names("short")
    program = connector_program(name, {"task.ms": 60_000}, opts="custom_timeouts=pulumi.CustomTimeouts(create='3s')")
    result = project.up(program, check=False)
    assert f"connector {name} is not ready after 3 s" in result.errors[0]
    assert not exists(client, name)


def test_a_missing_plugin_is_told_with_the_command_that_installs_it(project: Project, names: Names) -> None:
    shutil.rmtree(installation.plugins_folder(project.environment))
    folders = project.environment["PATH"].split(":")
    others = [folder for folder in folders if not (Path(folder) / installation.EXECUTABLE).exists()]
    python = project.folder / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    project.program(connector_program(names("nowhere")))
    result = project.run("preview", check=False, env={"PATH": ":".join([str(python.parent), *others])})
    assert result.code != 0
    assert "run `pulumi-kafka-connectors plugin install` in the Python environment of this program" in result.output


def test_the_engine_attaches_to_a_plugin_that_runs_already(client: Client, project: Project, names: Names) -> None:
    name = names("attached")
    plugin = subprocess.Popen(
        [sys.executable, "-m", "pulumi_kafka_connectors.plugin"],
        env=project.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert plugin.stdout is not None
    attached = {"PULUMI_DEBUG_PROVIDERS": f"kafka-connectors:{plugin.stdout.readline().strip()}"}
    project.program(connector_program(name, {"task.ms": 4000}))
    output = project.run("up", "--yes", "--skip-preview", env=attached).output
    assert "0 of 1 tasks running" in output
    assert exists(client, name)
    project.run("destroy", "--yes", "--skip-preview", env=attached)
    assert not exists(client, name)
    assert plugin.poll() is None
    plugin.terminate()
    plugin.communicate(timeout=10)


@pytest.mark.parametrize(
    ("match", "command"), [("POST /connectors", "up"), ("PUT .*/config", "up"), ("DELETE .*", "destroy")]
)
def test_a_plugin_killed_at_any_step_leaves_nothing_that_the_next_run_cannot_finish(
    single: Worker, client: Client, project: Project, names: Names, match: str, command: str
) -> None:
    name = names("killed")
    with gateway_to(single.url) as gateway:
        project.run("config", "set", "kafka-connectors:url", gateway.url)
        if match != "POST /connectors":
            project.up(connector_program(name))
        project.program(connector_program(name, {"rate": 6}))
        kill = f"pkill -KILL -f {project.process}"
        gateway.disconnects = [Disconnect(match, "after", then=lambda: subprocess.run(shlex.split(kill), check=True))]
        result = project.run(command, "--yes", "--skip-preview", check=False)
        assert result.code != 0
        assert "Traceback" not in result.output
        result = project.run(command, "--yes", "--skip-preview", env={"KAFKA_CONNECT_ADOPT": "same"})
        if command == "up":
            assert client.config(name)["rate"] == "6"
            project.up(None, "--expect-no-changes")
            project.destroy()
        assert not exists(client, name)


# The other front end


def both(project: Project, text: str) -> Callable[[str], None]:
    def switch(front_end: str) -> None:
        project.front_end = front_end
        project.program(text)

    return switch


@pytest.mark.parametrize("first", ["dynamic", "plugin"])
def test_a_stack_moves_to_the_other_front_end_by_its_import_alone(
    single: Worker, client: Client, broker: Broker, project: Project, names: Names, first: str
) -> None:
    name, topic = names("moved"), names("moved")
    project.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)
    text = connector_program(name, {"login.password": "pl4nted-key", "pin": "pl4nted-pin"}, state="running")
    text += f"kc.Topic('topic', name={topic!r}, partitions=1, replication_factor=1)\n"
    switch = both(project, text)
    switch(first)
    project.up()
    before = client.config(name)
    switch("plugin" if first == "dynamic" else "dynamic")
    steps = project.steps()
    # The dynamic host must store how it finds its provider, which takes an update without any request.
    op = "same" if first == "dynamic" else "update"
    assert {resource: steps[resource]["op"] for resource in ("it", "topic")} == {"it": op, "topic": op}
    project.up()
    assert client.config(name) == before
    assert project.resource("it")["type"].startswith("kafka-connectors" if first == "dynamic" else "pulumi-python")
    assert "pl4nted" not in json.dumps(project.state())
    project.refresh()
    project.up(None, "--expect-no-changes")
    project.up(text.replace("'rate': 5", "'rate': 6"))
    assert client.config(name)["rate"] == "6"
    project.destroy()
    assert not exists(client, name)


@pytest.mark.parametrize("first", ["dynamic", "plugin"])
def test_a_provider_of_its_own_moves_along(
    single: Worker, client: Client, project: Project, names: Names, first: str
) -> None:
    name = names("moved")
    provider = f"provider = kc.Provider('cluster', url={single.url!r})\n"
    switch = both(project, provider + connector_program(name, opts="provider=provider"))
    switch(first)
    project.up()
    switch("plugin" if first == "dynamic" else "dynamic")
    result: dict[str, Any] = project.steps()
    assert result["it"]["op"] == ("same" if first == "dynamic" else "update")
    project.up()
    project.up(None, "--expect-no-changes")
    project.destroy()
    assert not exists(client, name)
