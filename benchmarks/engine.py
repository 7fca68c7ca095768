"""Pulumi projects with this provider, and with the same number of no-op resources."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cluster import Cluster
from benchmarks.limit import running
from benchmarks.measure import Step
from sandbox import engine

_ROOT = Path(__file__).resolve().parent.parent
_OURS = "kc.Connector(name, config=config{more})"
_NO_OP = "NoOp(name, config)"
_PROGRAM = """import json
from pathlib import Path

{head}

for name, config in json.loads(Path("connectors.json").read_text()).items():
    {resource}
"""


class Pulumi:
    """One program with a resource for each connector."""

    process = "pulumi.dynamic"

    def __init__(
        self,
        name: str,
        folder: Path,
        program: str,
        operations: Sequence[str],
        flags: Sequence[str] = (),
        *,
        idle: bool = False,
    ) -> None:
        """`idle`: the program creates no connectors."""
        self.name = name
        self._idle = idle
        self._folder = folder / re.sub(r"\W+", "-", name)
        self._program = program
        self._operations = operations
        self._flags = flags
        self.environment = {**engine.environment(self._folder / "box"), "PYTHONPATH": str(_ROOT)}

    def steps(self, cluster: Cluster, kind: str, count: int) -> Iterator[Step]:
        """up; preview and refresh without changes; up with one key of every connector changed; destroy."""
        self._project(cluster)
        self._declare(cluster, kind, count, 1)
        commands: dict[str, Sequence[str]] = {
            "create": ("up", "--yes", "--skip-preview", *self._flags),
            "preview": ("preview", "--expect-no-changes", *self._flags),
            "refresh": ("refresh", "--yes", "--skip-preview", "--expect-no-changes", *self._flags),
            "update": ("up", "--yes", "--skip-preview", *self._flags),
            "destroy": ("destroy", "--yes", "--skip-preview", *self._flags),
        }
        with contextlib.ExitStack() as load:
            for operation in self._operations:
                if operation == "preview" and self._idle:
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
        (self._folder / "Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
        (self._folder / "__main__.py").write_text(self._program)
        (self._folder / "box" / "pulumi" / "state").mkdir(parents=True)
        self._run("stack", "init", "benchmark")
        self._run("config", "set", "kafka-connectors:url", ",".join(cluster.urls))

    def _declare(self, cluster: Cluster, kind: str, count: int, value: int) -> None:
        (self._folder / "connectors.json").write_text(json.dumps(cluster.configs(kind, count, value)))

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
    """This provider; `threads` is its setting."""
    resource = _OURS.format(more="" if wait else ", wait=False")
    program = _PROGRAM.format(head="import pulumi_kafka_connectors as kc", resource=resource)
    project = Pulumi(name, folder, program, _ALL if wait else ("create", "update", "destroy"), flags)
    if threads is not None:
        project.environment["KAFKA_CONNECT_THREADS"] = str(threads)
    return project


def floor(folder: Path) -> Pulumi:
    """No-op resources."""
    program = _PROGRAM.format(head="from benchmarks.floor import NoOp", resource=_NO_OP)
    return Pulumi("floor", folder, program, _ALL, idle=True)
