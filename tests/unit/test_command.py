"""The console command as a whole: help, version, completion, exit codes of usage, what is imported."""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.cli.command import arguments
from pulumi_kafka_connectors.cli.metrics import exposition
from pulumi_kafka_connectors.cli.options import CANNOT_RUN, FAILED, NO_WORKER, OK
from pulumi_kafka_connectors.cli.report import Part, Shown
from pulumi_kafka_connectors.connect.states import State

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
SHELLS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "tcsh": ["tcsh", "-n"]}


def subcommands() -> dict[str, argparse.ArgumentParser]:
    program = arguments()
    found: dict[str, argparse.ArgumentParser] = {}
    for action in program._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(action.choices)
    return found


def test_importing_the_package_imports_no_library_of_the_command_line() -> None:
    modules = "pulumi_kafka_connectors, pulumi_kafka_connectors.connect, pulumi_kafka_connectors.core.operation"
    code = f"import sys, {modules}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(result.stdout.split())
    assert "pulumi_kafka_connectors.core.operation" in imported
    assert not {"rich", "shtab", "pulumi_kafka_connectors.cli"} & imported


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    name = "pulumi-kafka-connectors"
    assert capsys.readouterr().out == f"{name} {importlib.metadata.version(name)}\n"


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["nothing"],
        ["status", "--timeout", "soon"],
        ["status", "--timeout", "0"],
        ["status", "--watch", "-1"],
        ["status", "--prometheus", "--json"],
        ["status", "--prometheus", "--watch"],
        ["restart"],
        ["restart", "--failed", "--max-restarts", "0"],
        ["restart", "--failed", "--max-restarts", "many"],
        ["completion", "cmd"],
    ],
)
def test_arguments_that_mean_nothing_end_with_2_before_a_worker_is_asked(given: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == CANNOT_RUN


def test_without_an_address_the_command_cannot_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == CANNOT_RUN
    shown = capsys.readouterr().err
    assert shown.startswith("pulumi-kafka-connectors: no worker is known: give --url")
    assert shown.count("\n") == 1


@pytest.mark.parametrize("command", sorted(set(subcommands()) - {"plugin", "completion", "types"}))
def test_every_command_for_a_cluster_has_the_common_options(command: str) -> None:
    options = set(subcommands()[command]._option_string_actions)
    assert {"--url", "--stack", "--ca", "--cert", "--key", "--insecure", "--timeout", "--json"} <= options


@pytest.mark.parametrize("shell", SHELLS)
def test_the_completion_of_a_shell_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == OK
    script = capsys.readouterr().out
    for name in subcommands():
        assert re.search(rf"\b{name}\b", script)
    if shutil.which(shell):
        subprocess.run(SHELLS[shell], input=script, text=True, check=True)


def test_bash_completes_commands_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = capsys.readouterr().out
    lines = [
        "COMP_WORDS=(pulumi-kafka-connectors restart --fa); COMP_CWORD=2",
        "_shtab_pulumi_kafka_connectors",
        'echo "${COMPREPLY[@]}"',
    ]
    result = subprocess.run(["bash", "-c", "\n".join([script, *lines])], capture_output=True, text=True, check=False)
    assert result.stdout.split() == ["--failed"]


@pytest.mark.parametrize(
    "command", sorted({"status", "restart", "loggers", "export", "graph", "drift", "plugin", "completion"})
)
def test_the_page_names_every_command_and_option(command: str) -> None:
    section = PAGE.read_text().partition(f"\n## `{command}")[2].partition("\n## ")[0]
    assert section, f"docs/command-line.md has no section for {command}"
    common = {"-h", "--help", "--url", "--stack", "--ca", "--cert", "--key", "--insecure", "--timeout", "--json"}
    for option in set(subcommands()[command]._option_string_actions) - common:
        assert f"`{option}" in section, option


def test_the_page_names_the_common_options_and_exit_codes() -> None:
    head = PAGE.read_text().partition("\n## `status")[0]
    for option in ("--url", "--stack", "--ca", "--cert", "--key", "--insecure", "--timeout", "--json", "--version"):
        assert f"`{option}" in head
    for code in (OK, FAILED, CANNOT_RUN, NO_WORKER):
        assert f"\n| {code} |" in head


def blocks(language: str) -> list[str]:
    """The code blocks of the page in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_every_command_on_the_page_is_one_that_the_program_takes() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.lstrip().startswith("pulumi-kafka")]
    assert len(lines) > 15
    for line in lines:
        words = shlex.split(re.split(r" >|\|", line)[0], comments=True)
        arguments().parse_args(words[1:])


def test_the_cron_job_on_the_page_runs_a_command_that_the_program_takes() -> None:
    job = next(yaml.safe_load(block) for block in blocks("yaml") if "CronJob" in block)
    pod = job["spec"]["jobTemplate"]["spec"]
    container = pod["template"]["spec"]["containers"][0]
    assert container["command"] == ["pulumi-kafka-connectors"]
    asked = arguments().parse_args(container["args"])
    assert (asked.command, asked.failed, asked.max_restarts) == ("restart", True, 3)
    assert asked.timeout < pod["activeDeadlineSeconds"]
    assert [variable["name"] for variable in container["env"]] == ["KAFKA_CONNECT_URL"]


def test_the_alerts_on_the_page_use_metrics_that_are_written() -> None:
    rules = next(block for block in blocks("yaml") if "alert:" in block)
    written = exposition([Shown("a", "sink", Part(None, State.FAILED), (Part(0, State.FAILED),))])
    names = set(re.findall(r"kafka_connect_\w+", rules.replace("kafka_connect.prom", "")))
    assert names
    assert names <= set(re.findall(r"^kafka_connect_\w+", written, re.MULTILINE))
