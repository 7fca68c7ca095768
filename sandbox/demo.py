"""`make demo`: the root Pulumi program against a real broker and worker, ending with a line that flows through."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from sandbox import engine
from sandbox.cluster import Sandbox
from sandbox.errors import SandboxError
from sandbox.tools import KAFKA_VERSION, say

ROOT = Path(__file__).resolve().parent.parent
_FLOW_SECONDS = 60.0


def pulumi(box: Sandbox, *arguments: str, quiet: bool = False) -> str:
    """Run the sandbox's `pulumi` in the project's root; what it printed when `quiet`, else it prints as it goes.

    Raises:
        SandboxError: when it exits with an error.
    """
    ran = subprocess.run(
        ["pulumi", *arguments], cwd=ROOT, env=engine.environment(box.folder), text=True, capture_output=quiet, check=False
    )
    if ran.returncode != 0:
        shown = f": {ran.stderr.strip()}" if quiet else ""
        raise SandboxError(f"`pulumi {' '.join(arguments)}` failed{shown}")
    return ran.stdout or ""


def _stack(box: Sandbox) -> str:
    """The name of the stack: `demo` in the default folder, so that several demos never meet."""
    return "demo" if box.folder.name == "default" else f"demo-{box.folder.name}"


def up(box: Sandbox) -> None:
    """Bring everything up, deploy the root program and show that a line arrives."""
    folder = box.folder / "files"
    folder.mkdir(parents=True, exist_ok=True)
    source, sink = folder / "input.txt", folder / "output.txt"
    source.touch()
    urls = box.up(1, KAFKA_VERSION)
    pulumi(box, "stack", "select", "--create", _stack(box), quiet=True)
    pulumi(box, "config", "set", "kafka-connectors:url", ",".join(urls), quiet=True)
    pulumi(box, "config", "set", "folder", str(folder), quiet=True)
    say("pulumi up")
    pulumi(box, "up", "--yes", "--skip-preview")
    line = f"hello from {time.strftime('%H:%M:%S')}"
    with source.open("a") as file:
        file.write(line + "\n")
    say(f"appended to {source}: {line}")
    _arrived(line, sink)
    say(f"arrived in {sink}: {line}")
    say(f"stack outputs: {json.dumps(json.loads(pulumi(box, 'stack', 'output', '--json', quiet=True)))}")
    say("it stays up: change examples/quickstart/__main__.py and run")
    folder_option = "" if box.folder.name == "default" else f" --folder {box.folder}"
    print(f"\n    {sys.executable} -m sandbox{folder_option} pulumi up\n\nand, when done, `make demo-down`.", flush=True)


def _arrived(line: str, sink: Path) -> None:
    deadline = time.monotonic() + _FLOW_SECONDS
    while not (sink.exists() and line in sink.read_text().splitlines()):
        if time.monotonic() > deadline:
            raise SandboxError(f"the line did not arrive in {sink} within {_FLOW_SECONDS:.0f} s: look at the worker's log")
        time.sleep(0.2)


def down(box: Sandbox) -> None:
    """Destroy the stack (when the cluster still runs) and stop everything."""
    stack = _stack(box)
    if box.urls() and (ROOT / f"Pulumi.{stack}.yaml").exists():
        say("pulumi destroy")
        pulumi(box, "stack", "select", "--create", stack, quiet=True)
        pulumi(box, "destroy", "--yes", "--skip-preview")
        pulumi(box, "stack", "rm", "--yes", stack, quiet=True)
    (ROOT / f"Pulumi.{stack}.yaml").unlink(missing_ok=True)
    box.purge()
