"""Command line of the sandbox: `python -m sandbox --help`."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox import demo, engine, plugins, tools
from sandbox.cluster import Sandbox
from sandbox.errors import SandboxError
from sandbox.versions import KAFKA_VERSION, WORKERS


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A real Kafka broker, Connect workers and the Pulumi engine on loopback."
    )
    parser.add_argument("--folder", type=Path, default=Path(".sandbox/default"), help="folder for all data")
    commands = parser.add_subparsers(dest="command", required=True)
    fetch = commands.add_parser("fetch", help="download and build what is missing in the cache; starts nothing")
    fetch.add_argument(
        "versions", nargs="*", default=WORKERS, help="Kafka versions of workers (default: all that the tests run on)"
    )
    fetch.add_argument("--plugins", action="store_true", help="also the published plugins that a live test validates with")
    up = commands.add_parser("up", help="start the broker and the workers that are not running yet")
    up.add_argument("--workers", type=int, choices=(1, 2, 3), default=1)
    up.add_argument("--version", default=KAFKA_VERSION, help="Kafka version of the workers (default %(default)s)")
    down = commands.add_parser("down", help="stop all processes")
    down.add_argument("--purge", action="store_true", help="also delete all data")
    commands.add_parser("status", help="show the processes and their addresses")
    logs = commands.add_parser("logs", help="show the log of a process")
    logs.add_argument("name", nargs="?", help="name of the process as in `status`")
    logs.add_argument("-f", "--follow", action="store_true")
    pulumi = commands.add_parser("pulumi", help="run `pulumi` with the state of the sandbox, e.g. `pulumi up`")
    pulumi.add_argument("arguments", nargs=argparse.REMAINDER)
    commands.add_parser("demo", help="deploy the root program and show that a record arrives")
    commands.add_parser("demo-down", help="destroy the stack of the demo and stop all processes")
    return parser.parse_args()


def _fetch(versions: Sequence[str], *, published: bool) -> None:
    tools.broker_jars()
    for version in versions:
        tools.worker_jars(version)
        tools.plugins(version)
    tools.postgres()
    engine.ensure()
    if published:
        plugins.fetch()


def _status(box: Sandbox) -> int:
    processes = box.processes()
    for process in processes:
        state = f"pid {process.pid}, log {process.log}" if process.pid else "not running"
        print(f"{process.name}: {state}")
    print(f"broker: {box.broker.address}" if box.broker.process.pid else "not running: start it with `python -m sandbox up`")
    for url in box.urls():
        print(f"worker: {url}")
    return 0 if box.urls() else 1


def _logs(box: Sandbox, name: str | None, *, follow: bool) -> int:
    processes = {process.name: process for process in box.processes()}
    if name not in processes:
        raise SandboxError(f"there is no log called {name}: choose one of {', '.join(sorted(processes)) or '(none)'}")
    tail = ["tail", "-n", "200", *(["-f"] if follow else []), str(processes[name].log)]
    return subprocess.run(tail, check=False).returncode


def _up(box: Sandbox, count: int, version: str) -> int:
    print("\n".join(box.up(count, version)))
    return 0


def _pulumi(box: Sandbox, arguments: list[str]) -> int:
    return subprocess.run(["pulumi", *arguments], env=engine.environment(box.folder), check=False).returncode


def main() -> int:
    """Run a command; returns 0 on success, otherwise 1 after an error message of one line on standard error."""
    args = _arguments()
    # A background process of a script ignores SIGINT, and so do its children; the engine needs it to stop its plugins.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    box = Sandbox(args.folder.resolve())
    commands: dict[str, Callable[[], int | None]] = {
        "fetch": lambda: _fetch(args.versions, published=args.plugins),
        "up": lambda: _up(box, args.workers, args.version),
        "down": lambda: box.purge() if args.purge else box.down(),
        "status": lambda: _status(box),
        "logs": lambda: _logs(box, args.name, follow=args.follow),
        "pulumi": lambda: _pulumi(box, args.arguments),
        "demo": lambda: demo.up(box),
        "demo-down": lambda: demo.down(box),
    }
    try:
        return commands[args.command]() or 0
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
