"""`make demo`: deploys the root Pulumi program on a real broker and worker, and shows that a record arrives."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from sandbox import engine
from sandbox.cluster import Sandbox
from sandbox.errors import SandboxError
from sandbox.tools import print_progress
from sandbox.versions import KAFKA_VERSION

ROOT = Path(__file__).resolve().parent.parent
_FLOW_SECONDS = 60.0


def pulumi(box: Sandbox, *arguments: str, quiet: bool = False) -> str:
    """Run `pulumi` in the root of the project; with `quiet`, returns its output instead of printing it.

    Raises:
        SandboxError: it exits with an error.
    """
    result = subprocess.run(
        ["pulumi", *arguments], cwd=ROOT, env=engine.environment(box.folder), text=True, capture_output=quiet, check=False
    )
    if result.returncode != 0:
        shown = f": {result.stderr.strip()}" if quiet else ""
        raise SandboxError(f"`pulumi {' '.join(arguments)}` failed{shown}")
    return result.stdout or ""


def _stack(box: Sandbox) -> str:
    """The name of the stack, which depends on the folder, so that demos in several folders do not share one."""
    return "demo" if box.folder.name == "default" else f"demo-{box.folder.name}"


def up(box: Sandbox) -> None:
    """Start the sandbox, deploy the root program and show that a line arrives in the output file."""
    folder = box.folder / "files"
    folder.mkdir(parents=True, exist_ok=True)
    source, sink = folder / "input.txt", folder / "output.txt"
    source.touch()
    urls = box.up(1, KAFKA_VERSION)
    pulumi(box, "stack", "select", "--create", _stack(box), quiet=True)
    pulumi(box, "config", "set", "kafka-connectors:url", ",".join(urls), quiet=True)
    pulumi(box, "config", "set", "folder", str(folder), quiet=True)
    print_progress("pulumi up")
    pulumi(box, "up", "--yes", "--skip-preview")
    line = f"hello from {time.strftime('%H:%M:%S')}"
    with source.open("a") as file:
        file.write(line + "\n")
    print_progress(f"appended to {source}: {line}")
    _wait_for_line(line, sink)
    print_progress(f"arrived in {sink}: {line}")
    print_progress(f"stack outputs: {json.dumps(json.loads(pulumi(box, 'stack', 'output', '--json', quiet=True)))}")
    print_progress("everything keeps running: change examples/quickstart/__main__.py and run")
    folder_option = "" if box.folder.name == "default" else f" --folder {box.folder}"
    print(f"\n    {sys.executable} -m sandbox{folder_option} pulumi up\n\nand, when done, `make demo-down`.", flush=True)


def _wait_for_line(line: str, sink: Path) -> None:
    deadline = time.monotonic() + _FLOW_SECONDS
    while not (sink.exists() and line in sink.read_text().splitlines()):
        if time.monotonic() > deadline:
            raise SandboxError(f"the line did not arrive in {sink} within {_FLOW_SECONDS:.0f} s: look at the worker's log")
        time.sleep(0.2)


def down(box: Sandbox) -> None:
    """Destroy the stack, if the cluster is still running, and stop all processes."""
    stack = _stack(box)
    if box.urls() and (ROOT / f"Pulumi.{stack}.yaml").exists():
        print_progress("pulumi destroy")
        pulumi(box, "stack", "select", "--create", stack, quiet=True)
        pulumi(box, "destroy", "--yes", "--skip-preview")
        pulumi(box, "stack", "rm", "--yes", stack, quiet=True)
    (ROOT / f"Pulumi.{stack}.yaml").unlink(missing_ok=True)
    box.purge()
