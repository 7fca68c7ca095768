"""Connect clusters to measure on, the connectors to measure with, and what the workers were asked."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sandbox import tools
from sandbox.cluster import Sandbox, Worker, start_all

KINDS = ("instant", "filestream")
_ROOT = Path(__file__).resolve().parent.parent
# One line a request; those that one worker forwards to another are the cluster's own.
_REQUEST = re.compile(rb'"(GET|POST|PUT|PATCH|DELETE) (?!\S*[?&]forward=)\S+ HTTP/')


@dataclass(frozen=True)
class Cluster:
    """A group of running workers."""

    workers: tuple[Worker, ...]
    data: Path

    @property
    def urls(self) -> list[str]:
        """Their addresses."""
        return [worker.url for worker in self.workers]

    def configs(self, kind: str, count: int, value: int) -> dict[str, dict[str, str]]:
        """Configurations by connector name; another `value` is another configuration of every one."""
        if kind == "instant":
            made = {"connector.class": "testing.IdleSource", "label": str(value)}
            if count > 300:
                made["poll.ms"] = "200"  # 1,000 tasks that poll every 20 ms, as by default, take two cores
        else:
            file = self.data / "empty.txt"
            file.touch()
            plugin = "org.apache.kafka.connect.file.FileStreamSourceConnector"
            made = {"connector.class": plugin, "file": str(file), "topic": "lines", "batch.size": str(1000 + value)}
        return {f"c{number}": {**made, "tasks.max": "1"} for number in range(count)}

    def requests(self) -> Requests:
        """Start to count requests."""
        return Requests({worker.process.log: worker.process.log.stat().st_size for worker in self.workers})


@dataclass(frozen=True)
class Requests:
    """Log files of workers and how long each was."""

    logs: dict[Path, int]

    def by_verb(self) -> dict[str, int]:
        """How many requests came in since then."""
        verbs: Counter[str] = Counter()
        for file, size in self.logs.items():
            with file.open("rb") as log:
                log.seek(size)
                verbs.update(verb.decode() for verb in _REQUEST.findall(log.read()))
        return dict(sorted(verbs.items()))


def start(box: Sandbox, count: int, heap: str) -> Cluster:
    """A group of `count` workers that log every request, beside those that run already; `heap` as in `-Xmx`."""
    box.broker.start()
    plugins = box.folder / "connectors"
    if not plugins.exists():
        tools.compiled(_ROOT / "tests" / "connectors", plugins)
    logged = ["-Dsandbox.requests=INFO"]
    group, folder = f"bench{count}", box.folder / "workers"
    workers = [
        Worker(folder, box.broker, group, number, plugin_path=[plugins], options=logged, heap=heap)
        for number in range(1, count + 1)
    ]
    start_all(workers)
    return Cluster(tuple(workers), box.folder)
