"""Pulumi projects with this provider, and with the same number of no-op resources."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cluster import Cluster
from benchmarks.limit import running
from benchmarks.measure import Step
from pulumi_kafka_connectors import installation
from sandbox import engine, languages

_ROOT = Path(__file__).resolve().parent.parent
_OURS = "kc.Connector(name, config=config{more})"
_NO_OP = "NoOp(name, config)"
_PROGRAM = """import json
from pathlib import Path

{head}

for name, config in json.loads(Path("connectors.json").read_text()).items():
    {resource}
"""
Configs = Mapping[str, Mapping[str, str]]


class Python:
    """A Python program, which reads the connectors from a file."""

    runtime = "python"

    def __init__(self, head: str, resource: str) -> None:
        self._text = _PROGRAM.format(head=head, resource=resource)

    def declare(self, folder: Path, configs: Configs) -> None:
        """Write a program that declares these connectors."""
        (folder / "__main__.py").write_text(self._text)
        (folder / "connectors.json").write_text(json.dumps(configs))


class Yaml:
    """A YAML program."""

    runtime = "yaml"

    def declare(self, folder: Path, configs: Configs) -> None:
        """Write a program that declares these connectors."""
        resources = {
            name: {"type": "kafka-connectors:Connector", "properties": {"config": config}}
            for name, config in configs.items()
        }
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "benchmark", "runtime": "yaml", "resources": resources}))


class Pulumi:
    """One program with a resource for each connector."""

    def __init__(self, name: str, folder: Path, program: Python | Yaml, operations: Sequence[str]) -> None:
        self.name = name
        self.process = "pulumi.dynamic"
        self.flags: Sequence[str] = ()
        self.idle = False
        """Whether the program creates no connectors."""
        self._folder = folder / re.sub(r"\W+", "-", name)
        self._program = program
        self._operations = operations
        box = self._folder / "box"
        made = languages.environment(box, "yaml") if isinstance(program, Yaml) else engine.environment(box)
        self.environment = {**made, "PYTHONPATH": str(_ROOT)}

    def steps(self, cluster: Cluster, kind: str, count: int) -> Iterator[Step]:
        """up; preview and refresh without changes; up with one key of every connector changed; destroy."""
        self._project(cluster)
        self._declare(cluster, kind, count, 1)
        commands: dict[str, Sequence[str]] = {
            "create": ("up", "--yes", "--skip-preview", *self.flags),
            "preview": ("preview", "--expect-no-changes", *self.flags),
            "refresh": ("refresh", "--yes", "--skip-preview", "--expect-no-changes", *self.flags),
            "update": ("up", "--yes", "--skip-preview", *self.flags),
            "destroy": ("destroy", "--yes", "--skip-preview", *self.flags),
        }
        with contextlib.ExitStack() as load:
            for operation in self._operations:
                if operation == "preview" and self.idle:
                    # Running connectors slow the machine down: the no-op resources are measured under the same load.
                    load.enter_context(running(cluster, kind, count))
                if operation == "update":
                    load.close()
                    self._declare(cluster, kind, count, 2)
                command = commands[operation]
                yield operation, lambda command=command: self._run(*command)  # type: ignore[misc]

    def _project(self, cluster: Cluster) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        (self._folder / "Pulumi.yaml").write_text(f"name: benchmark\nruntime: {self._program.runtime}\n")
        (self._folder / "box" / "pulumi" / "state").mkdir(parents=True)
        if self.process != "pulumi.dynamic":
            installation.install(installation.plugins_folder(self.environment))
        self._run("stack", "init", "benchmark")
        self._run("config", "set", "kafka-connectors:url", ",".join(cluster.urls))

    def _declare(self, cluster: Cluster, kind: str, count: int, value: int) -> None:
        self._program.declare(self._folder, cluster.configs(kind, count, value))

    def _run(self, *arguments: str) -> None:
        argv = ["pulumi", "--non-interactive", *arguments]
        options: dict[str, Any] = {"cwd": self._folder, "env": self.environment, "start_new_session": True}
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options) as process:
            try:
                output, _ = process.communicate()
            except KeyboardInterrupt:
                # `subprocess.run` would kill the engine, which would leave its plugins behind.
                process.send_signal(signal.SIGINT)
                process.communicate()
                raise
        if process.returncode != 0:
            raise RuntimeError(f"pulumi {arguments[0]} failed: {output[-2000:]}")


_ALL = ("create", "preview", "refresh", "update", "destroy")


def ours(
    folder: Path, name: str = "ours", *, wait: bool = True, flags: Sequence[str] = (), threads: int | None = None
) -> Pulumi:
    """This provider through the SDK's dynamic host; `threads` is its setting."""
    program = Python("import pulumi_kafka_connectors as kc", _OURS.format(more="" if wait else ", wait=False"))
    project = Pulumi(name, folder, program, _ALL if wait else ("create", "update", "destroy"))
    project.flags = flags
    if threads is not None:
        project.environment["KAFKA_CONNECT_THREADS"] = str(threads)
    return project


def plugin(folder: Path, name: str, program: Python | Yaml) -> Pulumi:
    """This provider through its plugin."""
    project = Pulumi(name, folder, program, _ALL)
    project.process = "plugins/resource-kafka-connectors"
    if program.runtime == "python":
        project.environment["PULUMI_IGNORE_AMBIENT_PLUGINS"] = "true"  # the executable on PATH is another way to the same
    return project


def plugins(folder: Path) -> Iterator[Pulumi]:
    """The plugin from a Python and from a YAML program."""
    native = Python("import pulumi_kafka_connectors.native as kc", _OURS.format(more=""))
    yield plugin(folder, "plugin", native)
    yield plugin(folder, "plugin, YAML", Yaml())


def floor(folder: Path) -> Pulumi:
    """No-op resources."""
    project = Pulumi("floor", folder, Python("from benchmarks.floor import NoOp", _NO_OP), _ALL)
    project.idle = True
    return project
