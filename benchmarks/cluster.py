"""The Connect clusters and connectors of the benchmark, and the number of requests to the workers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sandbox import tools
from sandbox.cluster import Sandbox, Worker, start_all

KINDS = ("instant", "filestream")
_ROOT = Path(__file__).resolve().parent.parent
# One line per request, except those that one worker forwards to another.
_REQUEST = re.compile(rb'"(GET|POST|PUT|PATCH|DELETE) (?!\S*[?&]forward=)\S+ HTTP/')


@dataclass(frozen=True)
class Cluster:
    """A group of running workers."""

    workers: tuple[Worker, ...]
    data: Path

    @property
    def urls(self) -> list[str]:
        """The addresses of the workers."""
        return [worker.url for worker in self.workers]

    def configs(self, kind: str, count: int, value: int) -> dict[str, dict[str, str]]:
        """Configurations by connector name; each of them depends on `value`."""
        if kind == "instant":
            config = {"connector.class": "testing.IdleSource", "label": str(value)}
            if count > 300:
                config["poll.ms"] = "200"  # 1,000 tasks that poll every 20 ms, the default, use two cores
        else:
            file = self.data / "empty.txt"
            file.touch()
            plugin = "org.apache.kafka.connect.file.FileStreamSourceConnector"
            config = {"connector.class": plugin, "file": str(file), "topic": "lines", "batch.size": str(1000 + value)}
        return {f"c{number}": {**config, "tasks.max": "1"} for number in range(count)}

    def requests(self) -> Requests:
        """Start counting requests."""
        return Requests({worker.process.log: worker.process.log.stat().st_size for worker in self.workers})


@dataclass(frozen=True)
class Requests:
    """The log files of the workers, with their sizes when the count started."""

    logs: dict[Path, int]

    def by_verb(self) -> dict[str, int]:
        """The number of requests since then, by HTTP method."""
        verbs: Counter[str] = Counter()
        for file, size in self.logs.items():
            with file.open("rb") as log:
                log.seek(size)
                verbs.update(verb.decode() for verb in _REQUEST.findall(log.read()))
        return dict(sorted(verbs.items()))


def start(box: Sandbox, count: int, heap: str) -> Cluster:
    """Start a new group of `count` workers that log every request; `heap` is their `-Xmx`."""
    box.broker.start()
    plugins = box.folder / "connectors"
    if not plugins.exists():
        tools.compile_connectors(_ROOT / "tests" / "connectors", plugins)
    options = ["-Dsandbox.requests=INFO"]
    group, folder = f"bench{count}", box.folder / "workers"
    workers = [
        Worker(folder, box.broker, group, number, plugin_path=[plugins], options=options, heap=heap)
        for number in range(1, count + 1)
    ]
    start_all(workers)
    return Cluster(tuple(workers), box.folder)
