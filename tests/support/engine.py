"""Pulumi programs run by the real engine, each in its own project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors import installation
from sandbox import engine

SECRET_PATTERN = "pl4nted|hunter2"
"""Matches the secrets that the tests use; no error may contain one."""
_MODULES = {"dynamic": "pulumi_kafka_connectors", "plugin": "pulumi_kafka_connectors.native"}
"""What a program imports, by front end."""

both_front_ends = pytest.mark.parametrize("front_end", list(_MODULES))
"""Runs every test of a module through each front end."""


SOURCE: dict[str, Any] = {"connector.class": "testing.FaultySource", "tasks.max": 1, "rate": 5}


def connector_program(
    name: str, config: Mapping[str, Any] | None = None, *, resource: str = "it", opts: str = "", **inputs: Any
) -> str:
    """A program with one connector.

    Args:
        name: of the connector.
        config: added to `SOURCE`.
        resource: name of the resource.
        opts: arguments of its `ResourceOptions`.
        inputs: further inputs.
    """
    arguments = [f"{key}={value!r}" for key, value in inputs.items()]
    arguments += [f"opts=pulumi.ResourceOptions({opts})"] if opts else []
    declared = {**SOURCE, **(config or {})}
    return f"kc.Connector({', '.join([repr(resource), f'{name=}', f'config={declared!r}', *arguments])})\n"


@dataclass(frozen=True)
class CommandResult:
    """Exit code and output of a `pulumi` command."""

    code: int
    output: str

    @property
    def errors(self) -> list[str]:
        """The error lines of the diagnostics, without duplicates."""
        # What a plugin says of a resource that is recorded with its problem stands below a heading of the engine.
        output = re.sub(r"error: 1 error occurred:\s+\* ", "error: ", self.output)
        found = re.findall(r"(?<!last )error: (.*)", output)
        headings = ("update failed", "1 error occurred:")
        return list(dict.fromkeys(line.strip() for line in found if not any(heading in line for heading in headings)))


class Project:
    """A Pulumi project: a new one, or a copy of the one in `source`; with one stack, unless there is no `url`.

    Attributes:
        front_end: `dynamic` or `plugin`: through which the program declares its resources.
        error: what an error of an operation begins with.
        process: part of the command line of its provider processes.
    """

    def __init__(
        self, folder: Path, box: Path, url: str | None, source: Path | None = None, front_end: str = "dynamic"
    ) -> None:
        self.folder = folder
        self.environment = engine.environment(box)
        self.front_end = front_end
        self.error = "KafkaConnectorsError: " if front_end == "dynamic" else ""
        plugins = installation.plugins_folder(self.environment)
        self.process = "pulumi.dynamic" if front_end == "dynamic" else str(plugins)
        if front_end == "plugin":
            installation.install(plugins)
            self.environment["PULUMI_IGNORE_AMBIENT_PLUGINS"] = "true"  # the one on PATH is another way to the same
        if source is None:
            folder.mkdir(parents=True)
            (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")
            self.program("")
        else:
            shutil.copytree(source, folder)
            if not (folder / "Pulumi.yaml").exists():
                (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")
        if url is not None:
            self.run("stack", "init", "test")
            self.run("config", "set", "kafka-connectors:url", url)

    def program(self, text: str) -> None:
        """Replace the program; `pulumi` and `kc` are imported."""
        head = f"import pulumi\nimport {_MODULES[self.front_end]} as kc\n\n"
        (self.folder / "__main__.py").write_text(head + textwrap.dedent(text))

    def run(self, *arguments: str, check: bool = True, env: Mapping[str, str] | None = None) -> CommandResult:
        """Run `pulumi`; `check` asserts that it succeeds."""
        process = subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        result = CommandResult(process.returncode, process.stdout + process.stderr)
        assert not re.search(SECRET_PATTERN, "\n".join(result.errors)), "an error contains a secret of the tests"
        assert not check or process.returncode == 0, result.output
        return result

    def up(self, program: str | None = None, *more: str, check: bool = True) -> CommandResult:
        if program is not None:
            self.program(program)
        return self.run("up", "--yes", "--skip-preview", *more, check=check)

    def refresh(self, *more: str, check: bool = True) -> CommandResult:
        return self.run("refresh", "--yes", "--skip-preview", *more, check=check)

    def destroy(self, *more: str, check: bool = True) -> CommandResult:
        return self.run("destroy", "--yes", "--skip-preview", *more, check=check)

    def steps(self, program: str | None = None, *more: str) -> dict[str, dict[str, Any]]:
        """The steps of a preview by resource name, each with `op`, `detailedDiff`, `diffReasons` and more."""
        if program is not None:
            self.program(program)
        preview = json.loads(self.run("preview", "--json", "--show-sames", *more).output)
        steps = {step["urn"].rpartition("::")[2]: step for step in preview["steps"]}
        return {name: step for name, step in steps.items() if not step["urn"].split("::")[2].startswith("pulumi:")}

    def preview(self, program: str) -> CommandResult:
        """Preview this program; the preview may fail."""
        self.program(program)
        return self.run("preview", check=False)

    def preview_errors(self, program: str) -> list[str]:
        return self.preview(program).errors

    def state(self) -> dict[str, Any]:
        """The state of the stack as stored, with encrypted secrets."""
        exported: dict[str, Any] = json.loads(self.run("stack", "export").output)
        return exported

    def resource(self, name: str) -> dict[str, Any]:
        """A resource in the state, with decrypted secrets; empty if it is not in the state."""
        exported = json.loads(self.run("stack", "export", "--show-secrets").output)
        found = [entry for entry in exported["deployment"]["resources"] if entry["urn"].endswith(f"::{name}")]
        return found[0] if found else {}

    def outputs(self) -> dict[str, Any]:
        exported: dict[str, Any] = json.loads(self.run("stack", "output", "--json", "--show-secrets").output)
        return exported
