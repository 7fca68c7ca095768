"""`make demo`: deploys the root Pulumi program on a real broker and worker, and shows that a record arrives."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox import engine, tools
from sandbox.cluster import Sandbox
from sandbox.errors import SandboxError
from sandbox.tools import print_progress
from sandbox.versions import KAFKA_VERSION

ROOT = Path(__file__).resolve().parent.parent
_FLOW_SECONDS = 60.0
_STATUS = "import sys; from pulumi_kafka_connectors.cli import main; sys.exit(main())"


def announcement(folder: Path, pulumi: str, missing: Sequence[str]) -> str:
    """What the demo is about to do, and how long it takes.

    Args:
        folder: of its data.
        pulumi: where the engine comes from.
        missing: what is downloaded or built first.
    """
    first = [f"  - downloads or builds what is missing here: {', '.join(missing)}"] if missing else []
    lines = [
        "This demo",
        *first,
        f"  - starts a Kafka {KAFKA_VERSION} broker and a Connect worker on 127.0.0.1, with their data in {folder}",
        f"  - runs `pulumi up` of examples/quickstart, with {pulumi} and a state of its own",
        "  - appends a line to a file and waits until it has gone through a topic into another file.",
        f"It takes {'several minutes this time' if missing else 'about half a minute'}; `make demo-down` removes it all.",
    ]
    return "\n".join(lines)


def _announce(box: Sandbox) -> None:
    found, kept = engine.on_path(), engine.cached()
    missing = [
        name for name, there in {**tools.present(KAFKA_VERSION), "Pulumi": bool(found) or kept.is_dir()}.items() if not there
    ]
    engines = f"the `pulumi` in {found}" if found else "the engine that the sandbox builds"
    print(announcement(box.folder, engines, missing), flush=True)


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
    _announce(box)
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
    _show_status(urls)
    print_progress("everything keeps running: change examples/quickstart/__main__.py and run")
    folder_option = "" if box.folder.name == "default" else f" --folder {box.folder}"
    print(f"\n    {sys.executable} -m sandbox{folder_option} pulumi up\n\nand, when done, `make demo-down`.", flush=True)


def _show_status(urls: Sequence[str]) -> None:
    """Show all connectors and tasks, as `pulumi-kafka-connectors status` does.

    Raises:
        SandboxError: one of them has failed.
    """
    print(flush=True)
    if subprocess.run([sys.executable, "-c", _STATUS, "status", "--url", ",".join(urls)], check=False).returncode != 0:
        raise SandboxError("a connector or a task is not running: look at the table above")
    print(flush=True)


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
