"""Known weaknesses of other providers, tested with the real engine and a real worker."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import Client
from pulumi_kafka_connectors.connect.states import State
from sandbox.cluster import Worker
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of, exists
from tests.support.engine import SOURCE, Project, both_front_ends, connector_program
from tests.support.gateway import gateway_to
from tests.support.names import Names
from tests.support.published import adapted
from tests.support.waiting import wait_until

pytestmark = both_front_ends


def state_of(client: Client, name: str) -> str:
    return client.status(name).connector.state


@pytest.fixture
def client(single: Worker) -> Client:
    return client_of(single)


@pytest.fixture
def project(single: Worker, project_at: MakeProject) -> Project:
    return project_at(single.url)


# 1. Previews are accurate


def test_preview_reports_every_problem_at_once_without_values(client: Client, project: Project, names: Names) -> None:
    name = names("wrong")
    bad = {"rate": "text", "limit": 0, "emit": "perhaps", "nothing": None, "nested": {"a": "hunter2"}}
    output = "\n".join(project.preview_errors(connector_program(name, bad, state="asleep", timeouts={"create": "soon"})))
    for words in [
        "state must be one of running, paused, stopped",
        "timeouts['create']: give seconds",
        "config['nothing']: None is not a configuration value",
        "config['nested']: a map is not a configuration value",
        "config['rate']: Invalid value text for configuration rate: Not a number of type INT",
        "config['limit']: Invalid value 0 for configuration limit: Value must be at least 1",
        "config['emit']: Invalid value perhaps for configuration emit",
    ]:
        assert words in output
    assert "hunter2" not in output
    output = "\n".join(project.preview_errors(connector_program(name, {"connector.class": "testing.FaultySorce"})))
    assert (
        "config['connector.class']: testing.FaultySorce is not installed on the workers: did you mean testing.FaultySource?"
        in output
    )
    output = "\n".join(project.preview_errors("kc.Connector('it', config={'connector.class': 'testing.FaultySource'})"))
    assert output.endswith("config['rate']: Missing required configuration \"rate\" which has no default value.")
    assert not exists(client, name)


def test_preview_works_with_unknown_values(client: Client, project: Project, names: Names) -> None:
    name = names("later")
    text = f"""
        first = kc.Connector("first", name={name!r}, config={SOURCE!r})
        later = first.status.apply(lambda status: "topic-" + status)
        kc.Connector("second", name=first.status.apply(lambda status: {name!r} + "-" + status),
                     config={{**{SOURCE!r}, "topic": later, "login.password": later, "tasks.max": first.tasks.apply(len)}})
        kc.Connector("third", name={name!r} + "-third", config=first.status.apply(lambda status: {{**{SOURCE!r}, "topic": status}}))
    """
    steps = project.steps(text)
    assert {name: step["op"] for name, step in steps.items()} == {"first": "create", "second": "create", "third": "create"}
    project.up()
    config = client.config(f"{name}-running")
    assert (config["topic"], config["tasks.max"]) == ("topic-running", "1")
    assert client.config(f"{name}-third")["topic"] == "running"
    project.run("preview", "--refresh", "--expect-no-changes")
    project.destroy()


# 2. Up waits for the result; 3. no partial results


def test_a_failing_task_is_one_error_line_and_leaves_nothing_behind(client: Client, project: Project, names: Names) -> None:
    name = names("fails")
    result = project.up(
        connector_program(name, {"fail.at": "task", "login.password": "hunter2", "fail.text": "login hunter2 refused"}),
        check=False,
    )
    assert len(result.errors) == 1
    assert result.errors[0].startswith(f"{project.error}connector {name}: task 0 failed on 127.0.0.1:")
    assert result.errors[0].endswith(
        "org.apache.kafka.connect.errors.ConnectException: failed at task (caused by java.lang.IllegalStateException: "
        f"login [hidden] refused); connector {name} was deleted again"
    )
    assert "Traceback" not in result.output
    assert not exists(client, name)
    assert project.resource("it") == {}


def test_a_failed_change_restores_the_old_configuration(client: Client, project: Project, names: Names) -> None:
    name = names("change")
    project.up(connector_program(name))
    result = project.up(connector_program(name, {"fail.at": "poll", "rate": 6}), check=False)
    assert result.errors[0].endswith(f"connector {name} has its old configuration back")
    assert client.config(name)["rate"] == "5"
    assert state_of(client, name) == "RUNNING"
    assert project.resource("it")["inputs"]["config"]["rate"] == "5"
    project.up(connector_program(name), "--expect-no-changes")
    project.destroy()


def test_the_next_up_recovers_from_a_provider_killed_between_post_and_response(
    single: Worker, client: Client, project: Project, names: Names
) -> None:
    name = names("killed")
    # The worker validates during the POST, which takes three seconds; without `validate=False` the preview would, too.
    project.program(connector_program(name, {"validate.ms": 3000}, validate=False))
    with gateway_to(single.url) as gateway:
        project.run("config", "set", "kafka-connectors:url", gateway.url)
        running = subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
            cwd=project.folder,
            env=project.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        wait_until(lambda: "POST /connectors" in gateway.requests, "no POST", seconds=60)
        for plugin in _plugins_of(project):
            os.kill(plugin, signal.SIGKILL)
        output, _ = running.communicate(timeout=60)
        assert running.returncode != 0, output
        assert project.resource("it") == {}
        wait_until(lambda: exists(client, name), "the worker did not complete the POST", seconds=30)
    project.run("config", "set", "kafka-connectors:url", single.url)
    assert "exists already with the same configuration" in project.up(check=False).errors[0]
    project.run("up", "--yes", "--skip-preview", env={"KAFKA_CONNECT_ADOPT": "same"})
    assert state_of(client, name) == "RUNNING"
    assert project.resource("it")["outputs"]["status"] == "running"
    project.destroy()
    assert not exists(client, name)


def _plugins_of(project: Project) -> Iterator[int]:
    """The PIDs of the provider processes, of either front end, that the engine started for this project."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            ours = project.front_end == "plugin" or (folder / "cwd").readlink() == project.folder
            if ours and project.process.encode() in (folder / "cmdline").read_bytes():
                yield int(folder.name)


def test_an_existing_connector_is_rejected_or_adopted_and_never_deleted_by_an_undo(
    client: Client, project: Project, names: Names
) -> None:
    name = names("theirs")
    client.create(name, {"connector.class": "testing.FaultySource", "rate": "9"})
    result = project.up(connector_program(name), check=False)
    assert "exists already with another configuration (differing keys: rate, tasks.max)" in result.errors[0]
    result = project.up(connector_program(name, {"fail.at": "task"}, adopt=True), check=False)
    assert result.errors[0].endswith(f"connector {name} has its old configuration back")
    assert client.config(name)["rate"] == "9"
    project.up(connector_program(name, adopt=True))
    assert client.config(name)["rate"] == "5"
    project.destroy()


# 4. No false drift, 5. real drift


def test_realistic_configurations_show_no_drift_after_up(project: Project, names: Names, tmp_path: Path) -> None:
    configs = adapted(tmp_path)
    prefix = names("published")
    configs["odd"] = {
        **SOURCE,
        "connector.class": "testing.IdleSource",
        "empty": "",
        "blanks": "  a  b  ",
        "lines": "a\nb\r\n\tc",
        "json": '{"a": [1, 2.0, null]}',
        "regex": "^(?!__).*\\.\\d{2,}$",
        "unicode": "grün🙂\u00a0",
        "big": 2**63 - 1,
        "float": 0.1,
        "exact": 1.0,
        "no": False,
        "reference": "${file:/etc/hostname:x}",
        "mask": "**/*.csv",
        "null": "null",
    }
    text = f"configs = {configs!r}\nfor name, config in configs.items():\n    kc.Connector(name, name={prefix!r} + name, config=config)\n"
    project.up(text)
    project.run("preview", "--refresh", "--expect-no-changes")
    stored = json.dumps(project.state())
    for secret in [
        "loader-pass",
        "jaas-pass",
        "mongo-pass",
        "url-pass",
        "aws-secret-key",
        "catalog-pass",
        "key-phrase",
        "web-hook",
    ]:
        assert secret not in stored, secret
    project.destroy()


def test_drift_of_every_kind_is_shown_and_reverted(client: Client, project: Project, names: Names, tmp_path: Path) -> None:
    name, flag = names("drift"), tmp_path / "fail"
    project.up(connector_program(name, {"topic": "t", "fail.file": str(flag)}, state="running"))

    config = client.config(name)
    client.put_config(name, {**{key: value for key, value in config.items() if key != "topic"}, "rate": "6", "extra": "x"})
    client.pause(name)
    project.refresh()
    drifted = project.steps()["it"]
    assert sorted(drifted["detailedDiff"]) == ["config.extra", "config.rate", "config.topic", "state"]
    project.up()
    assert client.config(name) == config
    assert state_of(client, name) == "RUNNING"

    client.stop(name)
    project.up(None, "--refresh")
    assert state_of(client, name) == "RUNNING"

    flag.touch()
    wait_until(lambda: client.task_status(name, 0).state == "FAILED")
    project.refresh()
    assert project.resource("it")["outputs"]["status"] == "failed"
    assert project.steps()["it"]["op"] == "update"
    assert "a file told to fail" in project.up(check=False).errors[0]
    flag.unlink()
    project.up()
    assert client.task_status(name, 0).state == "RUNNING"
    assert project.resource("it")["outputs"]["status"] == "running"

    client.delete(name)
    project.up(None, "--refresh")
    assert state_of(client, name) == "RUNNING"
    project.run("preview", "--refresh", "--expect-no-changes")
    project.destroy()


def test_an_undeclared_state_is_left_to_the_operator(client: Client, project: Project, names: Names) -> None:
    name = names("unset")
    project.up(connector_program(name))
    client.pause(name)
    project.refresh()
    project.up(None, "--expect-no-changes")
    assert state_of(client, name) == "PAUSED"
    project.up(connector_program(name, {"rate": 7}))
    assert (state_of(client, name), client.config(name)["rate"]) == ("PAUSED", "7")
    project.destroy()


# 7. Replacements, updates and resource options


def test_another_class_is_a_replacement_that_deletes_the_old_connector_first(
    client: Client, project: Project, names: Names
) -> None:
    name = names("class")
    project.up(connector_program(name))
    change = connector_program(name, {"connector.class": "testing.IdleSource"})
    assert project.steps(change)["it"]["op"] == "replace"
    project.up()
    assert client.config(name)["connector.class"] == "testing.IdleSource"
    short = project.steps(connector_program(name, {"connector.class": "IdleSource"}))["it"]
    assert short["op"] == "update"
    project.destroy()
    assert not exists(client, name)


def test_resource_options_work_as_for_any_resource(client: Client, project: Project, names: Names) -> None:
    name = names("opts")
    project.up(connector_program(name, opts="protect=True"))
    assert "protected" in project.destroy(check=False).output
    # Ignored keys stay as they are on the worker; the others are set as declared.
    ignoring = "ignore_changes=['config[\"tasks.max\"]']"
    project.up(connector_program(name, {"tasks.max": 3, "rate": 8}, opts=ignoring))
    assert (client.config(name)["tasks.max"], client.config(name)["rate"]) == ("1", "8")
    step = project.steps(connector_program(name, {"rate": 9}, opts="replace_on_changes=['config.rate']"))["it"]
    assert step["op"] == "replace"
    renamed = connector_program(
        name, {"rate": 8}, resource="renamed", opts="aliases=[pulumi.Alias(name='it')], retain_on_delete=True"
    )
    assert project.steps(renamed)["renamed"]["op"] == "same"
    project.up()
    project.destroy()
    assert exists(client, name)
    client.delete(name)


def test_create_before_delete_is_possible_under_another_name(client: Client, project: Project, names: Names) -> None:
    name, other = names("dbr"), names("dbr")
    project.up(connector_program(name))
    result = project.up(connector_program(other, opts="delete_before_replace=False"))
    created, deleted = result.output.find("creating replacement"), result.output.find("deleting original")
    assert -1 < created < deleted
    assert (exists(client, name), exists(client, other)) == (False, True)
    project.destroy()


def test_get_reads_an_existing_connector_and_fails_for_a_missing_one(client: Client, project: Project, names: Names) -> None:
    name = names("get")
    client.create(name, {"connector.class": "testing.FaultySource", "rate": "9", "pin": "hunter2"})
    text = f"found = kc.Connector.get('found', {name!r})\npulumi.export('status', found.status)\npulumi.export('rate', found.config['rate'])\n"
    project.up(text)
    assert project.outputs()["rate"] == "9"
    assert "hunter2" not in json.dumps(project.state())
    result = project.up(f"kc.Connector.get('found', {name + '-not'!r})\n", check=False)
    assert f"{project.error}connector {name}-not does not exist on http://127.0.0.1" in result.output
    project.up("")
    assert exists(client, name), "a connector that was only read is not deleted"
    client.delete(name)


# 8. Secrets


def test_secrets_appear_nowhere_in_plain_text(client: Client, project: Project, names: Names, tmp_path: Path) -> None:
    name = names("secrets")
    secrets_file = tmp_path / "db.properties"
    secrets_file.write_text("password=pl4nted-file\n")
    config = {
        "login.password": "pl4nted-key",
        "database.url": "db://user:pl4nted-url@host/",
        "listed": "pl4nted-listed",
        "by.reference": f"${{file:{secrets_file}:password}}",
    }
    text = connector_program(name, config, sensitive=["listed"]).replace(
        "'rate': 5", "'rate': 5, 'wrapped': pulumi.Output.secret('pl4nted-wrapped')"
    )
    steps = project.steps(text)
    assert "pl4nted" not in json.dumps(steps)
    result = project.run("up", "--yes", "--skip-preview", "-v=9", "--logtostderr")
    assert "pl4nted" not in json.dumps(project.state())
    # At this log level the engine logs its gRPC messages, including the secrets of every provider; other lines must not
    # contain any.
    wire = re.compile(r'"msg":"(Unm|M)arshaling property for RPC\[')
    shown = [line for line in result.output.splitlines() if "pl4nted" in line and not wire.search(line)]
    assert shown == []
    assert client.config(name)["login.password"] == "pl4nted-key"
    assert client.config(name)["by.reference"] == config["by.reference"]
    assert project.resource("it")["inputs"]["config"]["by.reference"] == config["by.reference"]
    wrong = project.preview_errors(text.replace("'rate': 5", "'rate': " + repr(config["by.reference"])))
    assert any(
        "config['rate']: Invalid value [hidden] for configuration rate: Not a number of type INT" in line for line in wrong
    )
    assert "pl4nted" not in "".join(wrong)
    rotated = project.steps(text.replace("pl4nted-key", "pl4nted-new"))
    assert list(rotated["it"]["detailedDiff"]) == ['config["login.password"]']
    assert "pl4nted" not in json.dumps(rotated)
    project.destroy()


def test_a_key_that_the_plugin_types_as_password_is_secret_in_the_state(project: Project, names: Names) -> None:
    name = names("typed")
    project.up(connector_program(name, {"pin": "pl4nted-pin"}))
    assert "pl4nted" not in json.dumps(project.state())
    project.refresh()
    assert "pl4nted" not in json.dumps(project.state())
    project.up(None, "--expect-no-changes")
    assert "pl4nted" not in json.dumps(project.state())
    project.destroy()


# 9. Restart, offsets, forget


def test_offsets_restart_and_forget_in_a_program(client: Client, project: Project, names: Names, tmp_path: Path) -> None:
    name, lines = names("lines"), tmp_path / "lines.txt"
    lines.write_text("".join(f"line {number}\n" for number in range(100)))
    file = {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": str(lines),
        "topic": names("lines"),
    }

    def text(**inputs: Any) -> str:
        return f"kc.Connector('it', name={name!r}, config={file!r}, **{inputs!r})\n"

    def position() -> int:
        found = client.offsets(name)
        return int(found[0].offset["position"]) if found and found[0].offset else 0

    def read_whole() -> None:
        wait_until(lambda: position() == lines.stat().st_size, seconds=30)

    project.up(text())
    read_whole()
    project.up(text(offsets=[], state="stopped"))
    assert client.offsets(name) == []
    project.up(text(offsets=[{"partition": {"filename": str(lines)}, "offset": {"position": 7}}], state="stopped"))
    assert position() == 7
    project.up(
        text(offsets=[{"partition": {"filename": str(lines)}, "offset": {"position": 7}}], state="running", forget=True)
    )
    read_whole()
    project.up(text(offsets=[], state="running", restart="2026-11-21", forget=True))
    read_whole()
    project.up(None, "--expect-no-changes")
    project.destroy()
    client.create(name, {**file}, State.STOPPED)
    assert client.offsets(name) == []
    client.delete(name)
