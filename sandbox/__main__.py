"""Command line of the sandbox: `python -m sandbox --help`."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox import demo, engine, tools
from sandbox.cluster import Sandbox
from sandbox.errors import SandboxError
from sandbox.tools import KAFKA_VERSION


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A real Kafka broker, Connect workers and the Pulumi engine on loopback."
    )
    parser.add_argument("--folder", type=Path, default=Path(".sandbox/default"), help="where all data lives")
    commands = parser.add_subparsers(dest="command", required=True)
    fetch = commands.add_parser("fetch", help="download and build what is not in the cache yet; starts nothing")
    fetch.add_argument("versions", nargs="*", default=[KAFKA_VERSION], help="Kafka versions of workers")
    up = commands.add_parser("up", help="start the broker and the workers; what runs already stays")
    up.add_argument("--workers", type=int, choices=(1, 2, 3), default=1)
    up.add_argument("--version", default=KAFKA_VERSION, help="Kafka version of the workers (default %(default)s)")
    down = commands.add_parser("down", help="stop everything that runs")
    down.add_argument("--purge", action="store_true", help="also delete all data")
    commands.add_parser("status", help="what runs, where")
    logs = commands.add_parser("logs", help="the log of one process")
    logs.add_argument("name", nargs="?", help="as `status` names it")
    logs.add_argument("-f", "--follow", action="store_true")
    pulumi = commands.add_parser("pulumi", help="run the engine with the sandbox's state, e.g. `pulumi up`")
    pulumi.add_argument("arguments", nargs=argparse.REMAINDER)
    commands.add_parser("demo", help="deploy the root program and show that a line flows through it")
    commands.add_parser("demo-down", help="destroy the demo's stack and stop everything")
    return parser.parse_args()


def _fetch(versions: list[str]) -> None:
    tools.broker_jars()
    for version in versions:
        tools.worker_jars(version)
        tools.plugins(version)
    tools.postgres()
    engine.ensure()


def _status(box: Sandbox) -> int:
    processes = box.processes()
    for process in processes:
        where = f"pid {process.pid}, log {process.log}" if process.pid else "not running"
        print(f"{process.name}: {where}")
    print(f"broker: {box.broker.address}" if box.broker.process.pid else "nothing runs: `python -m sandbox up` starts it")
    for url in box.urls():
        print(f"worker: {url}")
    return 0 if box.urls() else 1


def _logs(box: Sandbox, name: str | None, *, follow: bool) -> int:
    found = {process.name: process for process in box.processes()}
    if name not in found:
        raise SandboxError(f"there is no log called {name}: choose one of {', '.join(sorted(found)) or '(nothing runs)'}")
    tail = ["tail", "-n", "200", *(["-f"] if follow else []), str(found[name].log)]
    return subprocess.run(tail, check=False).returncode


def _up(box: Sandbox, count: int, version: str) -> int:
    print("\n".join(box.up(count, version)))
    return 0


def _pulumi(box: Sandbox, arguments: list[str]) -> int:
    return subprocess.run(["pulumi", *arguments], env=engine.environment(box.folder), check=False).returncode


def main() -> int:
    """Run one command; 0 when it did what it says, 1 with one sentence on standard error otherwise."""
    given = _arguments()
    # In the background of a script SIGINT is ignored, by children too; the engine needs it to end its plugins.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    box = Sandbox(given.folder.resolve())
    commands: dict[str, Callable[[], int | None]] = {
        "fetch": lambda: _fetch(given.versions),
        "up": lambda: _up(box, given.workers, given.version),
        "down": lambda: box.purge() if given.purge else box.down(),
        "status": lambda: _status(box),
        "logs": lambda: _logs(box, given.name, follow=given.follow),
        "pulumi": lambda: _pulumi(box, given.arguments),
        "demo": lambda: demo.up(box),
        "demo-down": lambda: demo.down(box),
    }
    try:
        return commands[given.command]() or 0
    except SandboxError as problem:
        print(f"sandbox: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
