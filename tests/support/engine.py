"""Pulumi programs run by the real engine, each in a project of its own."""

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

from sandbox import engine

PLANTED = "pl4nted|hunter2"
"""What the tests use as secrets: no error of any run may show it."""
_HEAD = "import pulumi\nimport pulumi_kafka_connectors as kc\n\n"


@dataclass(frozen=True)
class Ran:
    """What a run of `pulumi` printed."""

    code: int
    output: str

    @property
    def errors(self) -> list[str]:
        """The error lines of the diagnostics, each once."""
        found = re.findall(r"(?<!last )error: (.*)", self.output)
        return list(dict.fromkeys(line.strip() for line in found if "update failed" not in line))


class Project:
    """A Pulumi project with one stack: an empty one, or a copy of the one in `source`."""

    def __init__(self, folder: Path, box: Path, url: str, source: Path | None = None) -> None:
        self.folder = folder
        self.environment = engine.environment(box)
        if source is None:
            folder.mkdir(parents=True)
            (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")
            self.program("")
        else:
            shutil.copytree(source, folder)
            if not (folder / "Pulumi.yaml").exists():
                (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")
        self.run("stack", "init", "test")
        self.run("config", "set", "kafka-connectors:url", url)

    def program(self, text: str) -> None:
        """Replace the program; `pulumi` and `kc` are imported."""
        (self.folder / "__main__.py").write_text(_HEAD + textwrap.dedent(text))

    def run(self, *arguments: str, good: bool = True, env: Mapping[str, str] | None = None) -> Ran:
        """Run `pulumi`; `good` asserts that it succeeds."""
        ran = subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        result = Ran(ran.returncode, ran.stdout + ran.stderr)
        assert not re.search(PLANTED, "\n".join(result.errors)), "a secret of the tests in an error"
        assert not good or ran.returncode == 0, result.output
        return result

    def up(self, program: str | None = None, *more: str, good: bool = True) -> Ran:
        if program is not None:
            self.program(program)
        return self.run("up", "--yes", "--skip-preview", *more, good=good)

    def refresh(self, *more: str, good: bool = True) -> Ran:
        return self.run("refresh", "--yes", "--skip-preview", *more, good=good)

    def destroy(self, *more: str, good: bool = True) -> Ran:
        return self.run("destroy", "--yes", "--skip-preview", *more, good=good)

    def steps(self, program: str | None = None, *more: str) -> dict[str, dict[str, Any]]:
        """What a preview would do: by resource name, the step with `op`, `detailedDiff`, `diffReasons`, ..."""
        if program is not None:
            self.program(program)
        shown = json.loads(self.run("preview", "--json", "--show-sames", *more).output)
        steps = {step["urn"].rpartition("::")[2]: step for step in shown["steps"]}
        return {name: step for name, step in steps.items() if not step["urn"].split("::")[2].startswith("pulumi:")}

    def run_program(self, program: str) -> Ran:
        """A preview of that program, which may fail."""
        self.program(program)
        return self.run("preview", good=False)

    def preview_errors(self, program: str) -> list[str]:
        return self.run_program(program).errors

    def state(self) -> dict[str, Any]:
        """The stack's state as stored, secrets encrypted."""
        exported: dict[str, Any] = json.loads(self.run("stack", "export").output)
        return exported

    def resource(self, name: str) -> dict[str, Any]:
        """One resource of the state, secrets in clear; empty when it is not in the state."""
        exported = json.loads(self.run("stack", "export", "--show-secrets").output)
        found = [entry for entry in exported["deployment"]["resources"] if entry["urn"].endswith(f"::{name}")]
        return found[0] if found else {}

    def outputs(self) -> dict[str, Any]:
        exported: dict[str, Any] = json.loads(self.run("stack", "output", "--json", "--show-secrets").output)
        return exported
