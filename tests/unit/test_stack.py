"""Settings from the stack of a Pulumi project: with a `pulumi` that is a script of the test."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.cli import main, stack
from pulumi_kafka_connectors.cli.command import arguments
from pulumi_kafka_connectors.cli.workers import settings_of
from pulumi_kafka_connectors.core.settings import SettingsError

HOLDS = {
    "kafka-connectors:url": {"value": "http://stack:8083", "secret": False},
    "kafka-connectors:password": {"value": "hunter2", "secret": True},
    "kafka-connectors:headers": {"value": '{"X":"hunter3"}', "objectValue": {"X": "hunter3"}, "secret": True},
    "other:url": {"value": "http://other:8083", "secret": False},
    "project:url": {"value": "http://project:8083", "secret": False},
}
FOUND = {"url": "http://stack:8083", "password": "hunter2", "headers": '{"X":"hunter3"}'}


class Pulumi:
    """A project, and a `pulumi` on PATH that writes what the test says and records how it was called."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project, self._bin = folder / "project" / "deep", folder / "bin"
        self._log = folder / "calls"
        self.project.mkdir(parents=True)
        self._bin.mkdir()
        (self.project.parent / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
        monkeypatch.setenv("PATH", str(self._bin))
        monkeypatch.chdir(self.project)

    def says(self, out: str = "", error: str = "", code: int = 0) -> None:
        script = self._bin / "pulumi"
        lines = ["#!/bin/sh", f'echo "$@" >> {self._log}', f"printf %s {shlex.quote(out)}"]
        script.write_text("\n".join([*lines, f"printf %s {shlex.quote(error)} >&2", f"exit {code}", ""]))
        script.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    made = Pulumi(tmp_path, monkeypatch)
    made.says(json.dumps(HOLDS))
    return made


def settings(*given: str) -> dict[str, Any]:
    return settings_of(arguments().parse_args(["status", *given]))


def test_the_settings_of_the_selected_stack_are_those_of_its_namespace(pulumi: Pulumi) -> None:
    assert settings() == FOUND
    assert pulumi.calls == ["--non-interactive --color never config --json --show-secrets"]


def test_a_stack_can_be_named(pulumi: Pulumi) -> None:
    assert settings("--stack", "prod") == FOUND
    assert pulumi.calls[0].endswith("--show-secrets --stack prod")


def test_options_complete_the_settings_of_the_stack(pulumi: Pulumi) -> None:
    assert settings("--ca", "ca.pem", "--insecure") == {**FOUND, "ca": "ca.pem", "insecure": True}


def test_pulumi_is_not_called_where_an_address_is_given(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings("--url", "http://given:8083", "--stack", "prod") == {"url": "http://given:8083"}
    monkeypatch.setenv("KAFKA_CONNECT_URL", "http://environment:8083")
    assert settings() == {}
    assert pulumi.calls == []


def test_a_named_stack_comes_before_the_environment(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_CONNECT_URL", "http://environment:8083")
    assert settings("--stack", "prod")["url"] == "http://stack:8083"


def error(*given: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(*given)
    return str(caught.value)


def test_without_a_selected_stack_it_is_told_what_to_do(pulumi: Pulumi) -> None:
    pulumi.says(error="error: no stack selected; please use `pulumi stack select` or `pulumi stack init`", code=1)
    assert error() == (
        "`pulumi config` failed: no stack is selected: run `pulumi stack select`, or give --stack NAME or --url"
    )


def test_another_failure_of_pulumi_is_passed_on_in_one_line(pulumi: Pulumi) -> None:
    pulumi.says(out="hunter2", error="error: incorrect\n  \x1b[31mpassphrase", code=1)
    assert error("--stack", "prod") == "`pulumi config --stack prod` failed: incorrect \ufffd[31mpassphrase"


@pytest.mark.parametrize("out", ["", "hunter2", "[1]", '{"kafka-connectors:url": "hunter2"}'])
def test_output_that_is_no_configuration_is_told_without_it(pulumi: Pulumi, out: str) -> None:
    pulumi.says(out)
    assert "did not write a map of values" in error()
    assert "hunter2" not in error()


@pytest.mark.parametrize("held", [{}, {"kafka-connectors:username": {"value": "u", "secret": False}}])
def test_without_an_address_in_the_stack_every_place_for_one_is_named(pulumi: Pulumi, held: dict[str, Any]) -> None:
    pulumi.says(json.dumps(held))
    for place in ("--url", "KAFKA_CONNECT_URL", "kafka-connectors:url in the stack"):
        assert place in error()


def test_outside_of_a_project_pulumi_is_not_called(pulumi: Pulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert error().startswith("no worker is known: give --url")
    assert error("--stack", "prod") == "--stack prod: there is no Pulumi.yaml in this folder or above it"
    assert pulumi.calls == []


def test_without_pulumi_only_a_named_stack_is_an_error_about_it(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(pulumi.project))
    assert error().startswith("no worker is known: give --url")
    assert error("--stack", "prod") == "--stack prod: no `pulumi` is on PATH"


def test_pulumi_is_not_waited_for_longer_than_the_command_may_take(pulumi: Pulumi) -> None:
    (pulumi.project.parent.parent / "bin" / "pulumi").write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    assert error("--timeout", "0.1") == "`pulumi config` did not end within 0.1 s"


def test_secrets_of_the_stack_are_in_no_message(pulumi: Pulumi, capsys: pytest.CaptureFixture[str]) -> None:
    bad = {**HOLDS, "kafka-connectors:url": {"value": "http://127.0.0.1:1", "secret": False}}
    pulumi.says(json.dumps({**bad, "kafka-connectors:username": {"value": "u", "secret": False}}))
    assert main(["status", "--timeout", "0.1"]) == 3
    shown = capsys.readouterr()
    assert "hunter" not in shown.out + shown.err


def test_a_folder_below_a_project_belongs_to_it(pulumi: Pulumi, tmp_path: Path) -> None:
    assert stack.is_project(pulumi.project)
    assert not stack.is_project(tmp_path)
