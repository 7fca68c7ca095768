"""Runs Pulumi in the sandbox and draws what the terminal shows: `python docs/pictures/capture.py` makes terminal.svg."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from docs.pictures.terminal import Line, Terminal, svg  # noqa: E402
from pulumi_kafka_connectors import installation  # noqa: E402
from sandbox import engine, tools  # noqa: E402
from sandbox.cluster import Sandbox, Worker  # noqa: E402

_PROGRAM = """
import pulumi_kafka_connectors.native as kc

kc.Connector("orders-source", config={"connector.class": "testing.FaultySource", "tasks.max": 4, "rate": 5, "task.ms": 4500})
kc.Connector("orders-sink", config={"connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector", %s})
"""
_MISTAKEN = '"topcs": "orders", "tasks.max": "four", "file": "/data/orders.txt"'
_FAILING = '"topics": "orders", "file": "/no/such/folder/orders.txt"'


def main() -> None:
    """Capture three screens, one above the other, and write the picture."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    box = Sandbox(ROOT / ".sandbox" / "picture")
    box.purge()
    try:
        box.broker.start()
        connectors = tools.compile_connectors(ROOT / "tests" / "connectors", box.folder / "connectors")
        worker = Worker(box.folder / "workers", box.broker, "picture", 1, plugin_path=[connectors])
        worker.start()
        lines = _screens(box, worker)
    finally:
        box.purge()
    (Path(__file__).parent / "terminal.svg").write_text(svg(lines), encoding="utf-8")


def _screens(box: Sandbox, worker: Worker) -> list[Line]:
    project = box.folder / "orders"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: orders\nruntime: python\n")
    environment = {**engine.environment(box.folder), "PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}
    installation.install(Path(environment["PULUMI_HOME"]) / "plugins")
    for command in (["stack", "init", "dev"], ["config", "set", "kafka-connectors:url", worker.url]):
        subprocess.run(["pulumi", *command], cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
    terminal = Terminal(project, environment)
    program = project / "__main__.py"
    program.write_text(_PROGRAM % _MISTAKEN)
    preview = terminal.run(["pulumi", "preview"])
    program.write_text(_PROGRAM % _FAILING)
    changing = terminal.run(["pulumi", "up", "--yes", "--skip-preview"], lambda screen: "tasks running" in screen)
    return [*_shown("pulumi preview", preview), *_shown("pulumi up", changing), [], *_shown("", terminal.lines())]


def _shown(command: str, screen: Sequence[Line]) -> list[Line]:
    """The lines without the summary at the end, and without what only the sandbox has."""
    prompt: list[Line] = [[("green", "$ "), ("white", command)]] if command else []
    kept = [
        [(colour, re.sub(r"127\.0\.0\.1:\d+", "connect-1:8083", text)) for colour, text in line]
        for line in screen[: next((at for at, line in enumerate(screen) if line[0][1].startswith("Resources:")), None)]
    ]
    return [*prompt, *kept]


if __name__ == "__main__":
    main()
