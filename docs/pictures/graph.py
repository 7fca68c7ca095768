"""Draws a small pipeline of the sandbox: `python docs/pictures/graph.py` makes graph.mmd and its copy in command-line.md."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pulumi_kafka_connectors.cli import main as command  # noqa: E402
from pulumi_kafka_connectors.connect import Client, Settings  # noqa: E402
from pulumi_kafka_connectors.connect.states import State  # noqa: E402
from sandbox import tools  # noqa: E402
from sandbox.cluster import Sandbox, Worker  # noqa: E402

_PICTURE = Path(__file__).parent / "graph.mmd"
_PAGE = ROOT / "docs" / "command-line.md"
_TEXT = "org.apache.kafka.connect.storage.StringConverter"
_FILE = "org.apache.kafka.connect.file.FileStream"


def main() -> None:
    """Run the pipeline until every connector has used its topics, break one connector, and draw."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    box = Sandbox(ROOT / ".sandbox" / "graph")
    box.purge()
    try:
        box.broker.start()
        connectors = tools.compile_connectors(ROOT / "tests" / "connectors", box.folder / "connectors")
        worker = Worker(box.folder / "workers", box.broker, "graph", 1, plugin_path=[connectors])
        worker.start()
        _run(Client(Settings(urls=(worker.url,))), box.folder)
        command(["graph", "--url", worker.url, "--output", str(_PICTURE)])
    finally:
        box.purge()
    _PAGE.write_text(_with_picture(_PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def _run(client: Client, folder: Path) -> None:
    (folder / "customers.txt").write_text("Ada\nGrace\n", encoding="utf-8")
    pipeline = {
        "orders-db": {"connector.class": "testing.FaultySource", "rate": "5", "emit": "true", "topic": "shop.orders"},
        "customers-file": _file("Source", folder / "customers.txt", topic="shop.customers"),
        "archive": _file("Sink", folder / "archive.txt", topics="shop.orders,shop.customers"),
        "search": _file("Sink", folder / "search.txt", topics="shop.customers"),
        "warehouse": _file("Sink", folder / "warehouse.txt", topics="shop.orders"),
    }
    for name, config in pipeline.items():
        client.create(name, config)
    _wait(lambda: [len(client.topics(name)) for name in pipeline] == [1, 1, 2, 1, 1])
    client.pause("search")
    client.put_config("warehouse", _file("Sink", folder / "missing" / "warehouse.txt", topics="shop.orders"))
    _wait(lambda: client.status("search").connector.state is State.PAUSED)
    _wait(lambda: [task.state for task in client.status("warehouse").tasks] == [State.FAILED])
    _wait(lambda: [task.state for task in client.status("search").tasks] == [State.PAUSED])


def _file(kind: str, file: Path, **more: str) -> dict[str, str]:
    return {"connector.class": f"{_FILE}{kind}Connector", "file": str(file), "value.converter": _TEXT, **more}


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("the pipeline does not get ready")
        time.sleep(0.2)


def _with_picture(page: str) -> str:
    """The page with the picture as its one block of Mermaid."""
    block = f"```mermaid\n{_PICTURE.read_text(encoding='utf-8')}```"
    return re.sub(r"```mermaid\n.*?```", lambda _: block, page, count=1, flags=re.DOTALL)


if __name__ == "__main__":
    main()
